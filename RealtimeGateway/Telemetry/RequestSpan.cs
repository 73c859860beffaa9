using System.Diagnostics;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// Spans: one for each request, and below it one for each attempt and for each request that the gateway makes by itself, with the attributes of
/// OpenTelemetry's conventions for HTTP and generative AI. Nothing of them comes from outside.
/// </summary>
internal static class RequestSpan
{
    public const string SourceName = "RealtimeGateway";
    public const string Name = "request";

    public static readonly ActivitySource Source = new(SourceName);

    // Without the request's span there is none below it either.
    private static bool IsWithinRequest => Activity.Current?.Source == Source;

    /// <summary>The span of a request; <c>null</c> when nobody listens or it is not sampled.</summary>
    public static Activity? Begin(HttpContext context, TraceTrust trust, DrawnSpans drawn)
    {
        if (!Source.HasListeners())
            return null;
        Activity.Current = null; // the server's own, which nobody exports, is no parent
        // One that nobody will see is not started: every step of the request would have to carry it along.
        if (trust.ParentOf(context) is var parent && parent == default)
            return drawn.Next()?.Start();
        return Source.CreateActivity(Name, ActivityKind.Server, parent) is { IsAllDataRequested: true } span ? span.Start() : null;
    }

    public static void End(Activity span, HttpContext context, Exchange? exchange, GatewayError? error)
    {
        var (method, route, status) = (RequestLog.MethodOf(context), RequestLog.RouteOf(context, exchange), RequestLog.StatusOf(context, error));
        span.DisplayName = $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", status);
        span.SetTag("realtime_gateway.request_id", context.TraceIdentifier);
        if (exchange?.Session is { } session)
        {
            span.SetTag("realtime_gateway.profile", session.Profile.Name);
            span.SetTag("gen_ai.request.model", session.Model);
        }

        if (error is not null)
            span.SetTag("error.type", error.Code);
        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The span of one attempt; what it says is known only afterwards.</summary>
    public static Activity? BeginAttempt() => IsWithinRequest ? Source.StartActivity("attempt", ActivityKind.Client) : null;

    /// <summary>The span of a request that the gateway makes by itself.</summary>
    /// <param name="operation">From a closed list.</param>
    public static Activity? Begin(string operation, string destination)
    {
        if (!IsWithinRequest)
            return null;
        var span = Source.StartActivity($"{operation} {destination}", ActivityKind.Client);
        span?.SetTag("realtime_gateway.destination", destination);
        return span?.SetTag("gen_ai.provider.name", TokenMetrics.Provider);
    }

    public static void SetOutcome(this Activity span, string outcome)
    {
        if (outcome is "ok")
            return;
        span.SetTag("error.type", outcome);
        span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Tells what came of an attempt.</summary>
    public static void Tell(this Activity span, Exchange exchange)
    {
        var destination = exchange.Destination?.Name ?? "none";
        span.DisplayName = $"attempt {destination}";
        span.SetTag("realtime_gateway.destination", destination);
        span.SetTag("realtime_gateway.attempt", exchange.Attempts);
        span.SetTag("gen_ai.provider.name", TokenMetrics.Provider);
        if (exchange.Session is { } session)
            span.SetTag("gen_ai.request.model", session.Model);
        if (exchange.Failure is { Status: > 0 and var status })
            span.SetTag("http.response.status_code", status);
        span.SetOutcome(GatewayMetrics.OutcomeOf(exchange));
    }
}
