namespace RealtimeGateway.Limits;

/// <summary>
/// A bucket that fills evenly, kept as one number: the time at which it will be full again (the generic cell rate algorithm).
/// </summary>
internal struct TokenBucket : IUsage
{
    private long _full;

    public readonly long WaitAt(long now, LimitRule rule) => Math.Max(now, _full) + IntervalOf(rule) * (1 - rule.Burst) - now;

    public void Take(long now, LimitRule rule, long lease) => _full = Math.Max(now, _full) + IntervalOf(rule);

    public readonly bool IsIdle(long now, LimitRule rule) => _full <= now;

    private static long IntervalOf(LimitRule rule) => rule.Window.Ticks / rule.Permits;
}
