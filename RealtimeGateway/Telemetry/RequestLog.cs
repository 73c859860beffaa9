using System.Diagnostics;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// Frames every request: a span, one line in the log when it is over, and the time that the gateway itself took for it. Static files, probes and scrapes have a line only
/// when they were refused.
/// </summary>
internal sealed class RequestLog(RequestDelegate next, LiveConfiguration live, GatewayMetrics metrics, TimeProvider time, ILogger<RequestLog> logger)
{
    private const string None = "none";
    private const long HundredthOfMillisecond = TimeSpan.TicksPerMillisecond / 100;

    private static readonly string[] Methods = ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "CONNECT", "TRACE"];

    private readonly DrawnSpans _spans = new(RequestSpan.Source);

    public async Task InvokeAsync(HttpContext context)
    {
        var begin = time.GetTimestamp();
        using var span = RequestSpan.Begin(context, live.Current.Traces, _spans);
        try
        {
            await next(context);
        }
        finally
        {
            End(context, begin, span);
        }
    }

    private void End(HttpContext context, long begin, Activity? span)
    {
        var exchange = context.Own<Exchange>();
        var error = exchange?.Error ?? context.Own<GatewayError>();
        var total = time.GetElapsedTime(begin);
        var own = exchange is null ? total : OwnTime(exchange, begin, total);
        if (exchange is not null)
            metrics.Took(exchange.Route.Name, own);
        if (span is not null)
            RequestSpan.End(span, context, exchange, error);
        if ((exchange is not null || error is not null || CallerMiddleware.HasSeen(context)) && logger.IsEnabled(LogLevel.Information))
            Write(context, exchange, error, total, own);
    }

    // What passes through while it comes, a socket or a stream, takes as long as both sides want: there the gateway's part ends with the beginning of the answer.
    private TimeSpan OwnTime(Exchange exchange, long begin, TimeSpan total)
    {
        var isPassedOn = exchange is { Error: null, Answer: null, AnsweredAt: > 0 };
        var own = (isPassedOn ? time.GetElapsedTime(begin, exchange.AnsweredAt) : total) - exchange.UpstreamTime;
        return own > TimeSpan.Zero ? own : TimeSpan.Zero;
    }

    private void Write(HttpContext context, Exchange? exchange, GatewayError? error, TimeSpan total, TimeSpan own)
    {
        var status = StatusOf(context, error);
        RequestLine.Write(
            logger,
            MethodOf(context),
            RouteOf(context, exchange),
            status,
            error?.Code ?? (status == GatewayError.CallerGone.Status ? GatewayError.CallerGone.Code : "ok"),
            exchange?.Session?.Profile.Name ?? None,
            exchange?.Destination?.Name ?? None,
            exchange?.Attempts ?? 0,
            Milliseconds(total),
            Milliseconds(exchange?.UpstreamTime ?? TimeSpan.Zero),
            Milliseconds(own),
            Caller.Of(context).LogName,
            context.TraceIdentifier,
            exchange?.UpstreamRequestId ?? None);
    }

    /// <summary>The request's method; <c>_OTHER</c> for one that nobody knows, as OpenTelemetry's conventions have it.</summary>
    public static string MethodOf(HttpContext context) => Array.Find(Methods, context.Request.Method.Equals) ?? "_OTHER";

    /// <summary>The status that was answered, or that a caller would have got who did not wait for it.</summary>
    public static int StatusOf(HttpContext context, GatewayError? error) =>
        error == GatewayError.CallerGone || context.RequestAborted.IsCancellationRequested ? GatewayError.CallerGone.Status : context.Response.StatusCode;

    // Never the path itself: it may hold an id, or anything that somebody likes to write into a log.
    public static string RouteOf(HttpContext context, Exchange? exchange) =>
        exchange?.Route.Name ?? (context.GetEndpoint() is not RouteEndpoint endpoint ? None : endpoint.Metadata.GetMetadata<RouteModel>()?.Config.RouteId ?? endpoint.RoutePattern.RawText ?? None);

    // With two digits. A decimal is written as it stands; the shortest digits of a double would have to be searched for, six times in a line.
    private static decimal Milliseconds(TimeSpan time)
    {
        var hundredths = (time.Ticks + (HundredthOfMillisecond / 2)) / HundredthOfMillisecond;
        return new((int)hundredths, (int)(hundredths >> 32), 0, isNegative: false, scale: 2);
    }
}
