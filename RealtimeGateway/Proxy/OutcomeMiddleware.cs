using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Frames every forwarded request: gives it an <see cref="Exchange"/> and its time, and writes what came of it, once. A response that has already
/// started (a pass-through answer on its way) is left alone.
/// </summary>
internal sealed partial class OutcomeMiddleware(
    RequestDelegate next, Shutdown shutdown, GatewayMetrics metrics, TimeProvider time, ILogger<OutcomeMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var settings = context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>() ?? RouteSettings.None;
        using var clock = new RequestClock(context, settings.Timeout, time);
        var exchange = new Exchange { Route = settings, Clock = clock };
        context.Features.Set(exchange);

        var isDelivered = false;
        try
        {
            if (shutdown.Refuses)
                exchange.Fail(GatewayError.Draining);
            else
                await next(context);

            if (!exchange.IsRelayed)
                metrics.Exchanged(exchange);
            if (exchange.Error is not null)
                CallLease.Of(context)?.Release(); // before the caller knows, and tries again
            var hasLeft = clock.CallerLeft || (!context.Response.HasStarted && !await WriteAsync(context, exchange, clock));
            if (hasLeft && !exchange.IsRelayed)
                LeaveUnanswered(context, exchange);
            isDelivered = exchange.Error is null && !hasLeft && !clock.CallerLeft;
        }
        finally
        {
            if (!isDelivered)
                exchange.Undo?.Invoke();
        }
    }

    private void LeaveUnanswered(HttpContext context, Exchange exchange)
    {
        if (exchange.Answer is not null)
            exchange.Fail(GatewayError.CallerGone);
        metrics.Rejected(GatewayError.CallerGone);
        Log.CallerLeft(logger, context.TraceIdentifier);
    }

    // Whether there is anybody to read it.
    private static async ValueTask<bool> WriteAsync(HttpContext context, Exchange exchange, RequestClock clock)
    {
        clock.Dispose(); // whatever is written now is for the caller, not for the upstream's time
        if (exchange is { Error: null, Answer: null })
            return true;

        context.Response.Clear();
        if (exchange.Answer is { } answer)
            return await answer.WriteAsync(context.Response);
        await context.Response.WriteErrorAsync(exchange.Error!);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "The caller left before it got its answer, request {RequestId}")]
        public static partial void CallerLeft(ILogger logger, string requestId);
    }
}
