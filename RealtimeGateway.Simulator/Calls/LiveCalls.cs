using System.Diagnostics.CodeAnalysis;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>A call as the control API shows it.</summary>
/// <param name="Id">Its <c>rtc_…</c>.</param>
/// <param name="Origin">What it was opened as.</param>
/// <param name="BeganAt">When its offer arrived.</param>
/// <param name="Lasted">How long it lasts, or lasted.</param>
/// <param name="Sidebands">How many sidebands listen now.</param>
/// <param name="End">Null while it is live.</param>
internal sealed record CallReport(string Id, CallOrigin Origin, DateTimeOffset BeganAt, TimeSpan Lasted, int Sidebands, CallEnd? End);

/// <summary>The calls that are live, and reports of the last ones that ended. When the simulator stops, all end.</summary>
internal sealed partial class LiveCalls : IDisposable
{
    /// <summary>Further offers are refused as if the service were at capacity.</summary>
    public const int MostLive = 20_000;

    /// <summary>How many reports of ended calls are kept.</summary>
    public const int MostReports = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Call> _live = [];
    private readonly Queue<CallReport> _reports = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenRegistration _atStop;

    public LiveCalls(TimeProvider time, ILogger<LiveCalls> logger, IHostApplicationLifetime lifetime)
    {
        (_time, _logger, _stopping) = (time, logger, lifetime.ApplicationStopping);
        _atStop = _stopping.Register(EndAll);
    }

    /// <summary>Oldest first: the last that ended, then those that are live.</summary>
    public IReadOnlyList<CallReport> All
    {
        get
        {
            lock (_gate) return [.. _reports, .. _live.Values.OrderBy(call => call.BeganAt).Select(Report)];
        }
    }

    /// <summary>Begins a call; false when there are too many.</summary>
    public bool TryBegin(Call call)
    {
        lock (_gate)
        {
            if (_live.Count >= MostLive) return false;
            _live.Add(call.Id, call);
        }

        if (_stopping.IsCancellationRequested) call.TryEnd(CallEnd.Stopped);
        call.Running = RunAsync(call);
        return true;
    }

    /// <summary>Finds a live call of the GA surface; the preview surface documents no operation on calls.</summary>
    public bool TryFind(string? id, [NotNullWhen(true)] out Call? call)
    {
        call = null;
        if (id is null) return false;
        lock (_gate)
        {
            if (!_live.TryGetValue(id, out var found) || !found.IsLive || found.Origin.Surface != Surface.Ga) return false;
            call = found;
            return true;
        }
    }

    public void Dispose() => _atStop.Dispose();

    private async Task RunAsync(Call call)
    {
        try
        {
            await call.RunAsync();
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e, call.Id);
            call.TryEnd(CallEnd.Stopped);
        }
        finally
        {
            Retire(call);
        }
    }

    private void Retire(Call call)
    {
        lock (_gate)
        {
            _live.Remove(call.Id);
            if (_reports.Count == MostReports) _reports.Dequeue();
            _reports.Enqueue(Report(call));
        }
    }

    private void EndAll()
    {
        lock (_gate)
            foreach (var call in _live.Values) call.TryEnd(CallEnd.Stopped);
    }

    private CallReport Report(Call call) =>
        new(call.Id, call.Origin, call.BeganAt, _time.GetUtcNow() - call.BeganAt, call.Sidebands, call.IsLive ? null : call.Ended.Result);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Call {Call} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string call);
    }
}
