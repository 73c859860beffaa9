namespace RealtimeGateway.Limits;

/// <summary>One permit of one rule, from one partition.</summary>
internal readonly record struct Demand(LimitRule Rule, UInt128 Partition);

/// <summary>Whether all demands of a request were met. When not, none was, and nothing has been counted.</summary>
/// <param name="RefusedBy">The rule that refuses for longest; <c>null</c> when all agree.</param>
/// <param name="Wait">Time until that rule has a permit again.</param>
internal readonly record struct Decision(LimitRule? RefusedBy, TimeSpan Wait)
{
    public static readonly Decision Admitted = new(RefusedBy: null, TimeSpan.Zero);

    /// <summary>Nobody could be asked.</summary>
    public static readonly Decision Unknown = new(RefusedBy: null, Timeout.InfiniteTimeSpan);

    public bool IsAdmitted => this == Admitted;

    public bool IsUnknown => this == Unknown;
}
