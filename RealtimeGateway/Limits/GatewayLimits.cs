namespace RealtimeGateway.Limits;

/// <summary>
/// Counts in Redis while it is there, and in this process without one. While Redis is away, a request is counted here if all its rules allow
/// that, and otherwise stays undecided.
/// </summary>
internal sealed class GatewayLimits(LocalLimits local, RedisLimits shared, RedisLink redis)
{
    /// <summary>Whether Redis counts at the moment.</summary>
    public bool AreShared => redis.IsUp;

    /// <summary>Takes a permit for each demand, or none. Where that was counted, the lease is renewed and released.</summary>
    public ValueTask<(Decision Decision, ILeases Leases)> AcquireAsync(Demand[] demands, long lease) =>
        redis.IsUp ? AskAsync(demands, lease) : new(AcquireHere(demands, lease));

    /// <summary>The same without asking Redis.</summary>
    public (Decision Decision, ILeases Leases) AcquireHere(Demand[] demands, long lease) =>
        redis.IsConfigured && Array.Exists(demands, static demand => demand.Rule.WithoutRedis is WithoutRedis.Closed)
            ? (Decision.Unknown, local)
            : (local.Acquire(demands, lease), local);

    /// <summary>Whether each demand would be met now; <see cref="Decision.Unknown"/> when nobody can say.</summary>
    public ValueTask<Decision> PeekAsync(Demand[] demands) => redis.IsUp ? shared.PeekAsync(demands) : new(local.Peek(demands));

    /// <summary>
    /// Ends a call by its lease, wherever it is counted: here, or in Redis. (Only the replica that counts it in its own memory can end it there; elsewhere
    /// it lapses.) A rule that a reload has changed counts afresh and knows nothing of it.
    /// </summary>
    public void Release(LeaseName lease, IReadOnlyDictionary<string, LimitRule> rules)
    {
        Demand[] calls = [.. lease.Calls
            .Where(call => rules.TryGetValue(call.Rule, out var rule) && rule.Kind is LimitKind.Concurrency)
            .Select(call => new Demand(rules[call.Rule], call.Partition))];
        local.Release(calls, lease.Id);
        if (redis.IsConfigured)
            shared.Release(calls, lease.Id);
    }

    private async ValueTask<(Decision Decision, ILeases Leases)> AskAsync(Demand[] demands, long lease)
    {
        var decision = await shared.AcquireAsync(demands, lease);
        if (!decision.IsUnknown)
            return (decision, shared);
        // The answer may just be late: what Redis takes then, it has to give back.
        if (Array.FindAll(demands, static demand => demand.Rule.Kind is LimitKind.Concurrency) is { Length: > 0 } calls)
            shared.Release(calls, lease);
        return AcquireHere(demands, lease);
    }
}
