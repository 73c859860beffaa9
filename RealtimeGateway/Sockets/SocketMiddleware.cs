using System.Net.WebSockets;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Sockets;

/// <summary>
/// On a route with <c>SessionEvents</c>, after a destination is chosen: opens a session there, accepts the caller's socket only then, and relays. What
/// goes wrong before is an HTTP error, and the response is untouched, so that another destination may be tried.
/// </summary>
internal sealed class SocketMiddleware(
    RequestDelegate next, UpstreamSockets upstreams, OpenSockets open, UnknownEvents unknown, GatewayMetrics metrics, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<SocketMiddleware> logger)
{
    private const string Protocol = "realtime";

    /// <summary>A peer that is there answers a ping, even behind a burst of audio on a slow line.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan PongTimeout = TimeSpan.FromMinutes(1);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>()?.Socket is not { } settings)
        {
            await next(context);
            return;
        }

        var exchange = Exchange.Of(context);
        if (!open.TryEnter())
        {
            exchange.Fail(GatewayError.TooManySockets);
            return;
        }

        try
        {
            await ServeAsync(context, exchange, settings);
        }
        finally
        {
            open.Leave();
        }
    }

    private async Task ServeAsync(HttpContext context, Exchange exchange, SocketSettings settings)
    {
        using var upstream = await upstreams.OpenAsync(context, exchange);
        if (upstream is null || await AcceptAsync(context, exchange) is not { } caller)
            return;

        exchange.IsRelayed = true;
        using (caller)
        {
            try
            {
                var relay = new Relay(context, caller, upstream.Socket, upstream.View, settings.IdleTimeout, time, logger);
                foreach (var message in upstream.TakeFirst())
                    await relay.ToCaller.SendAsync(message);
                await relay.RunAsync(
                    new(new CallerEvents(exchange.Session!), relay.ToCaller, relay.ToUpstream, metrics),
                    new(upstream.View, relay.ToCaller, unknown),
                    lifetime.ApplicationStopping);
            }
            finally
            {
                CallLease.Of(context)?.Release();
            }
        }
    }

    private static async Task<WebSocket?> AcceptAsync(HttpContext context, Exchange exchange)
    {
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null,
                KeepAliveInterval = PingInterval,
                KeepAliveTimeout = PongTimeout,
            });
        }
        catch (InvalidOperationException) when (!context.Response.HasStarted)
        {
            exchange.Fail(GatewayError.TooManySockets); // the server's own count
            return null;
        }
    }
}
