using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

namespace RealtimeGateway.Limits;

/// <summary>Answers a request that the limits did not admit: 429 with the time to wait, or 503 when nobody could count it.</summary>
internal static class LimitRefusal
{
    private const int MaxRetryAfter = 3600;

    public static Task WriteRefusalAsync(this HttpContext context, Decision decision)
    {
        if (decision.RefusedBy is { } rule)
            context.RequestServices.GetRequiredService<GatewayMetrics>().Decided(rule.Name, isAdmitted: false);
        return context.Response.WriteErrorAsync(ErrorOf(decision));
    }

    private static GatewayError ErrorOf(Decision decision) => decision switch
    {
        { IsUnknown: true } => GatewayError.LimitsUnavailable,
        // A call may end at any time before it lapses.
        { RefusedBy.Kind: LimitKind.Concurrency } => GatewayError.TooManyCalls.RetryAfter(Math.Min(SecondsOf(decision.Wait), MaxRetryAfter)),
        _ => GatewayError.RateLimitExceeded.RetryAfter(SecondsOf(decision.Wait)),
    };

    private static int SecondsOf(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
}
