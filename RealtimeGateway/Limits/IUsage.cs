namespace RealtimeGateway.Limits;

/// <summary>
/// What one partition has used of a rule. The default value has used nothing. Times are ticks of 100 ns on a clock that never goes back.
/// </summary>
internal interface IUsage
{
    /// <summary>Time until there is a permit; 0 or less when there is one.</summary>
    long WaitAt(long now, LimitRule rule);

    /// <summary>Takes the permit that <see cref="WaitAt"/> has just found.</summary>
    /// <param name="lease">The call that takes it, for rules that count calls.</param>
    void Take(long now, LimitRule rule, long lease);

    /// <summary>Whether it has nothing left to remember.</summary>
    bool IsIdle(long now, LimitRule rule);
}
