namespace RealtimeGateway.Simulator.Breaking;

/// <summary>
/// Something that shall go wrong: one effect, on one operation, a number of times. The parameters below the first three belong to the
/// effects that take them, see <see cref="FaultEffect.Takes"/>.
/// </summary>
public sealed record Fault
{
    /// <summary>What happens.</summary>
    public required FaultEffect Effect { get; init; }

    /// <summary>To which requests.</summary>
    public FaultOperation Operation { get; init; }

    /// <summary>How often; null until removed.</summary>
    public int? Times { get; init; }

    /// <summary>HTTP status, one of <see cref="StatusAnswers"/>.</summary>
    public int? Status { get; init; }

    /// <summary>Which of several bodies that Azure has for the status; null takes the first.</summary>
    public string? Variant { get; init; }

    /// <summary>Where a 3xx points.</summary>
    public string? Location { get; init; }

    /// <summary><c>Retry-After</c> in seconds.</summary>
    public int? RetryAfter { get; init; }

    /// <summary><c>retry-after-ms</c>, which Azure sends besides.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary><c>Retry-After</c> as an HTTP date.</summary>
    public DateTimeOffset? RetryAfterDate { get; init; }

    /// <summary>How long to wait, in milliseconds.</summary>
    public int? DelayMs { get; init; }

    /// <summary>What has gone wrong before: where the effect asks for the normal answer, it gets the one that this fault has spoilt.</summary>
    public Fault? Beneath { get; init; }
}
