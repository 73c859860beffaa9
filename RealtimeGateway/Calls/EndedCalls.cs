using System.Collections.Concurrent;
using System.Globalization;
using RealtimeGateway.Limits;
using StackExchange.Redis;

namespace RealtimeGateway.Calls;

/// <param name="Reason"><c>hangup</c>: ended through a gateway; <c>gone</c>: over already when a gateway wanted to end it; <c>expired</c>: the longest time is over.</param>
internal sealed record CallEnd(string Reason, DateTimeOffset At)
{
    public const string HangUp = "hangup";
    public const string Gone = "gone";
    public const string Expired = "expired";
}

/// <summary>
/// Which calls are known to have ended, until every call of their time has: in Redis for all replicas, where there is one, and in this process. Of a browser
/// that just goes away the gateway learns nothing.
/// </summary>
internal sealed class EndedCalls(RedisLink redis, TimeProvider time)
{
    private static readonly RedisScript Set = new("return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')");
    private static readonly RedisScript Get = new("return redis.call('GET', KEYS[1])");

    private readonly ConcurrentDictionary<string, CallEnd> _here = new(StringComparer.Ordinal);
    private long _nextSweep;

    /// <summary>The first end that is heard of counts; <c>false</c> for another one that is heard of here.</summary>
    public async ValueTask<bool> RememberAsync(Call call, CallEnd end)
    {
        Sweep();
        var isFirst = _here.TryAdd(call.Name, end);
        var key = KeyOf(call);
        RedisValue[] values = [string.Create(CultureInfo.InvariantCulture, $"{end.Reason} {end.At.ToUnixTimeSeconds()}"), (long)Call.Longest.TotalMilliseconds];
        if (await redis.TryRunAsync(Set, [key], values) is null && redis.IsConfigured)
            redis.Run(new(key, IsFinal: true, Set, [key], () => values));
        return isFirst;
    }

    /// <summary><c>null</c> while nothing is known of an end.</summary>
    public async ValueTask<CallEnd?> FindAsync(Call call)
    {
        if (_here.TryGetValue(call.Name, out var end))
            return end;
        if (Read((string?)await redis.TryRunAsync(Get, [KeyOf(call)], [])) is { } known)
            return known;
        return call.Begun + Call.Longest is var last && last <= time.GetUtcNow() ? new(CallEnd.Expired, last) : null;
    }

    // What anybody else has written there is no end: whoever looks after calls must not fall over it.
    private static CallEnd? Read(string? text) =>
        text?.Split(' ') is [(CallEnd.HangUp or CallEnd.Gone) and var reason, var at] && uint.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new(reason, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;

    private string KeyOf(Call call) => $"{redis.KeyPrefix}calls:{call.Name}";

    private void Sweep()
    {
        var now = time.GetUtcNow();
        if (now.Ticks < Volatile.Read(ref _nextSweep))
            return;
        Volatile.Write(ref _nextSweep, now.AddMinutes(1).Ticks);
        foreach (var (name, end) in _here)
        {
            if (end.At + Call.Longest < now)
                _here.TryRemove(name, out _);
        }
    }
}
