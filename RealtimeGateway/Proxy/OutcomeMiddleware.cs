using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Forwarder;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Frames every forwarded request: gives it an <see cref="Exchange"/> and its time budget, and writes what came of it, once. A response that
/// has already started (a pass-through answer on its way) is left alone.
/// </summary>
internal sealed partial class OutcomeMiddleware(
    RequestDelegate next, Readiness readiness, GatewayMetrics metrics, ILogger<OutcomeMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var settings = context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>() ?? RouteSettings.None;
        var exchange = new Exchange();
        context.Features.Set(exchange);

        if (readiness.IsDraining)
            exchange.Fail(GatewayError.Draining);
        else if (!await ForwardInTimeAsync(context, settings.Timeout))
            exchange.Fail(GatewayError.UpstreamTimeout);
        else if (exchange is { Error: null, Answer: null } && FailureOf(context) is { } failure)
            exchange.Fail(failure);

        metrics.Exchanged(context, exchange);
        if (exchange.Error is not null)
            CallLease.Of(context)?.Release(); // before the caller knows, and tries again
        if (context.RequestAborted.IsCancellationRequested)
            LeaveUnanswered(context);
        else if (!context.Response.HasStarted)
            await WriteAsync(context, exchange);
    }

    /// <summary>Forwards; <c>false</c> when the budget ran out. YARP takes the budget's token for a caller that left.</summary>
    private async Task<bool> ForwardInTimeAsync(HttpContext context, TimeSpan? timeout)
    {
        if (timeout is not { } budget)
        {
            await next(context);
            return true;
        }

        var caller = context.RequestAborted;
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(caller);
        clock.CancelAfter(budget);
        context.RequestAborted = clock.Token;
        try
        {
            await next(context);
        }
        finally
        {
            context.RequestAborted = caller;
        }

        return !clock.IsCancellationRequested || caller.IsCancellationRequested || context.Features.Get<IForwarderErrorFeature>() is null;
    }

    private GatewayError? FailureOf(HttpContext context)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure)
            return null;
        if (context.RequestAborted.IsCancellationRequested)
            return GatewayError.CallerGone;

        Log.NotForwarded(logger, failure.Error, context.TraceIdentifier, failure.Exception?.GetBaseException().Message);
        return failure.Error switch
        {
            ForwarderError.NoAvailableDestinations => GatewayError.NoDestination,
            ForwarderError.RequestTimedOut => GatewayError.UpstreamTimeout,
            ForwarderError.RequestBodyClient => GatewayError.ForStatus(context.Response.StatusCode),
            ForwarderError.ResponseHeaders when failure.Exception?.GetBaseException() is OperationCanceledException => GatewayError.UpstreamTimeout,
            ForwarderError.RequestCreation or ForwarderError.ResponseHeaders => GatewayError.InternalError,
            ForwarderError.UpgradeResponseClient when failure.Exception is InvalidOperationException => GatewayError.TooManySockets, // Inbound:MaxWebSockets
            _ => GatewayError.UpstreamUnavailable,
        };
    }

    private void LeaveUnanswered(HttpContext context)
    {
        metrics.Rejected(GatewayError.CallerGone);
        Log.CallerLeft(logger, context.TraceIdentifier);
    }

    private static Task WriteAsync(HttpContext context, Exchange exchange)
    {
        if (exchange is { Error: null, Answer: null })
            return Task.CompletedTask;

        context.Response.Clear();
        if (exchange.Error is { } error)
            return context.Response.WriteErrorAsync(error);

        var answer = exchange.Answer.GetValueOrDefault();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(answer, context.RequestAborted).AsTask();
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "The caller left before it got its answer, request {RequestId}")]
        public static partial void CallerLeft(ILogger logger, string requestId);

        [LoggerMessage(1, LogLevel.Warning, "Forwarding failed: {Error} ({Cause}), request {RequestId}")]
        public static partial void NotForwarded(ILogger logger, ForwarderError error, string requestId, string? cause);
    }
}
