using System.ComponentModel.DataAnnotations;

namespace RealtimeGateway.Limits;

/// <summary>How a limit counts.</summary>
internal enum LimitKind
{
    /// <summary>A window begins with the first request that it counts; the next one begins afresh.</summary>
    FixedWindow,

    /// <summary>Never more than <c>Permits</c> in any <c>Window</c>, wherever it begins.</summary>
    SlidingWindow,

    /// <summary>Permits come back evenly, <c>Permits</c> per <c>Window</c>; up to <c>Burst</c> of them can be saved up.</summary>
    TokenBucket,

    /// <summary>Counts what is going on at the same time: calls, sockets, secrets that have not expired.</summary>
    Concurrency,
}

/// <summary>Who shares the permits of a limit.</summary>
internal enum LimitBy
{
    /// <summary>Every caller has its own; an anonymous one counts by its address.</summary>
    Caller,

    /// <summary>Every IPv4 address and every IPv6 /64 has its own.</summary>
    Address,

    /// <summary>Every session profile has its own.</summary>
    Profile,

    /// <summary>All share one.</summary>
    Global,
}

/// <summary>What becomes of a limit while Redis, which should count it, cannot be reached.</summary>
internal enum WithoutRedis
{
    /// <summary>This process counts by itself.</summary>
    Local,

    /// <summary>Requests are refused with 503.</summary>
    Closed,
}

/// <summary>Section <c>Limits:{name}</c>: a limit that routes name in their metadata.</summary>
internal sealed class LimitOptions
{
    public const string SectionName = "Limits";

    public LimitKind Kind { get; set; } = LimitKind.FixedWindow;

    /// <summary>Requests admitted in one window, or calls admitted at the same time.</summary>
    [Range(1, 1_000_000)]
    public int Permits { get; set; } = 60;

    /// <summary>
    /// Length of the window, one second to one day. Of <see cref="LimitKind.Concurrency"/>: after this time a call that nobody renews no longer
    /// counts.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Permits that a <see cref="LimitKind.TokenBucket"/> holds when it is full; <see cref="Permits"/> by default.</summary>
    [Range(1, 1_000_000)]
    public int? Burst { get; set; }

    public LimitBy By { get; set; } = LimitBy.Caller;

    public WithoutRedis WithoutRedis { get; set; } = WithoutRedis.Local;
}
