using System.Threading.Channels;
using RealtimeGateway.Configuration;
using RealtimeGateway.Telemetry;
using StackExchange.Redis;

namespace RealtimeGateway.Limits;

/// <summary>
/// The one connection to Redis, and whether it can be used. After a failure nobody waits for it until a probe has come through, so that a
/// Redis that is away costs one time-out, not one for each request.
/// </summary>
internal sealed partial class RedisLink(LiveConfiguration live, GatewayMetrics metrics, TimeProvider time, ILogger<RedisLink> logger) : BackgroundService
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Errands that wait for Redis to come back, at most; what they would have ended ends by itself.</summary>
    private const int MostWaiting = 10_000;

    private readonly Dictionary<string, RedisErrand> _waiting = new(StringComparer.Ordinal);
    private readonly Channel<string> _failures = Channel.CreateBounded<string>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ConnectionMultiplexer? _connection;
    private TimeSpan _patience;
    private bool _isUp;

    public bool IsConfigured => _connection is not null;

    public bool IsUp => Volatile.Read(ref _isUp);

    /// <summary>For what cannot wait asynchronously; <c>null</c> before the start and when none is configured.</summary>
    public IDatabase? Database => _connection?.GetDatabase();

    public string KeyPrefix { get; private set; } = "";

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (live.Current.Redis is not { } redis || !redis.TryParse(out var options))
            return;
        (KeyPrefix, _patience) = (redis.KeyPrefix, redis.Timeout);
        _connection = await ConnectionMultiplexer.ConnectAsync(options);
        _isUp = true;
        _connection.ConnectionFailed += (_, failure) =>
        {
            if (failure.ConnectionType is ConnectionType.Interactive) // on the other one the library only hears of failovers
                Leave(failure.FailureType.ToString());
        };
        if (!await IsUsableAsync() || !TryReturn())
            Leave("not reached");
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    /// <summary>Runs a script in one round trip; <c>null</c> when Redis is away.</summary>
    public ValueTask<RedisResult?> TryRunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values) =>
        IsUp ? TryAsync(RunAsync(Database!, script, keys, values)) : default;

    /// <summary>
    /// Runs it before whatever is asked next; while Redis is away, as soon as it is back. By the text of its script: had Redis forgotten the script, a second try
    /// would come after that.
    /// </summary>
    public void Run(RedisErrand errand)
    {
        if (IsUp || !Keep(errand))
            _ = RunAsync(errand);
    }

    // false when Redis has come back meanwhile.
    private bool Keep(RedisErrand errand)
    {
        lock (_waiting)
        {
            if (IsUp)
                return false;
            if (_waiting.TryGetValue(errand.About, out var earlier) ? !earlier.IsFinal : _waiting.Count < MostWaiting)
                _waiting[errand.About] = errand;
            return true;
        }
    }

    private async Task RunAsync(RedisErrand errand)
    {
        try
        {
            await Database!.ScriptEvaluateAsync(errand.Script.Text, errand.Keys, errand.Values()).WaitAsync(_patience, time);
        }
        catch (Exception e) when (IsAway(e))
        {
            Leave(e);
            if (errand.Tries > 1)
                Run(errand with { Tries = errand.Tries - 1 });
        }
    }

    private async ValueTask<RedisResult?> TryAsync(Task<RedisResult> running)
    {
        try
        {
            return await running.WaitAsync(_patience, time);
        }
        catch (Exception e) when (IsAway(e))
        {
            Leave(e);
            return null;
        }
    }

    private static bool IsAway(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException;

    // Redis remembers a script that it has run once, until it is started again.
    private static async Task<RedisResult> RunAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, values);
        }
        catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.NoScriptCache);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var cause in _failures.Reader.ReadAllAsync(stoppingToken))
        {
            metrics.RedisChanged(isUp: false);
            Log.Away(logger, cause);
            using var timer = new PeriodicTimer(ProbeInterval, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (await IsUsableAsync() && TryReturn())
                    break;
            }
        }
    }

    private void Leave(Exception e) => Leave(e is RedisConnectionException { FailureType: var failure } ? failure.ToString() : e.GetType().Name);

    private void Leave(string cause)
    {
        lock (_waiting) // an errand that fails while it comes back fails after that
        {
            if (!IsUp)
                return;
            Volatile.Write(ref _isUp, false);
        }

        _failures.Writer.TryWrite(cause);
    }

    // false when an errand could not even be sent: it waits again.
    private bool TryReturn()
    {
        lock (_waiting)
        {
            RedisErrand[] errands = [.. _waiting.Values];
            _waiting.Clear();
            foreach (var errand in errands)
                _ = RunAsync(errand);
            if (_waiting.Count > 0)
                return false;
            Volatile.Write(ref _isUp, true);
        }

        metrics.RedisChanged(isUp: true);
        Log.Up(logger);
        return true;
    }

    // It must take a write: a replica, or a server that is still loading, answers a ping as well.
    private async Task<bool> IsUsableAsync()
    {
        try
        {
            await _connection!.GetDatabase().StringSetAsync($"{KeyPrefix}probe", 1, TimeSpan.FromSeconds(1)).WaitAsync(_patience, time);
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis is away ({Cause}): limits count in this process or refuse, as each one says, until it is back")]
        public static partial void Away(ILogger logger, string cause);

        [LoggerMessage(2, LogLevel.Information, "Redis counts the limits")]
        public static partial void Up(ILogger logger);
    }
}
