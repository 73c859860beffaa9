using System.Collections.Concurrent;
using RealtimeGateway.Telemetry;

namespace RealtimeGateway.Calls;

/// <summary>Counts the calls that began here until their end is known: hung up here or, with Redis, through another replica, or the longest time over.</summary>
internal sealed class ActiveCalls(EndedCalls ended, CallMetrics metrics, TimeProvider time) : BackgroundService
{
    public const string Undelivered = "undelivered";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Call> _begunHere = new(StringComparer.Ordinal);

    public void Begin(Call call)
    {
        if (_begunHere.TryAdd(call.Name, call))
            metrics.Began(CallMetrics.Relay, call.Profile);
    }

    /// <summary>A call has ended through this replica, wherever it began.</summary>
    public void End(Call call, string reason)
    {
        metrics.Ended(CallMetrics.Relay, call.Profile, reason, time.GetUtcNow() - call.Begun);
        Forget(call);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Task.WhenAll(_begunHere.Values.Select(LookAsync));
    }

    // Whoever hung a call up has counted its end. That the longest time is over nobody says, so it counts where the call began.
    private async Task LookAsync(Call call)
    {
        var end = await ended.FindAsync(call);
        if (end?.Reason is CallEnd.Expired)
            End(call, CallEnd.Expired);
        else if (end is not null)
            Forget(call);
    }

    private void Forget(Call call)
    {
        if (_begunHere.TryRemove(call.Name, out _))
            metrics.Left(CallMetrics.Relay, call.Profile);
    }
}
