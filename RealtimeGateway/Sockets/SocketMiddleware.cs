using System.Net.WebSockets;
using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// On a route with <c>SessionEvents</c>: finds out what the caller asks for, has a session opened at one destination or another, accepts the caller's socket
/// only then, and relays. So whatever goes wrong before is an HTTP error.
/// </summary>
internal sealed class SocketMiddleware(
    RequestDelegate next, OpenSockets open, UnknownEvents unknown, GatewayMetrics metrics, CallMetrics calls, TokenMetrics tokens, Shutdown shutdown, TimeProvider time,
    ILogger<SocketMiddleware> logger)
{
    private const string Protocol = "realtime";

    /// <summary>A peer that is there answers a ping, even behind a burst of audio on a slow line.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan PongTimeout = TimeSpan.FromMinutes(1);

    public Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        return exchange.Route.Socket is { } settings ? ServeAsync(context, exchange, settings) : next(context);
    }

    private async Task ServeAsync(HttpContext context, Exchange exchange, SocketSettings settings)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            exchange.Fail(AskForUpgrade(context));
            return;
        }

        var (session, error) = settings.Ask(context);
        exchange.Session = session;
        if (session is null)
            exchange.Fail(error ?? GatewayError.InternalError);
        else if (!open.TryEnter())
            exchange.Fail(GatewayError.TooManySockets);
        else
            await ServeAsync(context, exchange, session, settings);
    }

    private async Task ServeAsync(HttpContext context, Exchange exchange, RequestedSession session, SocketSettings settings)
    {
        try
        {
            await next(context);
            using var upstream = context.Features.Get<UpstreamSession>();
            if (upstream is null || await AcceptAsync(context, exchange) is not { } caller)
                return;
            using (caller)
                await RelayAsync(context, caller, upstream, session, settings);
        }
        finally
        {
            open.Leave();
        }
    }

    private async Task RelayAsync(HttpContext context, WebSocket caller, UpstreamSession upstream, RequestedSession session, SocketSettings settings)
    {
        var relay = new Relay(context, caller, upstream.Socket, upstream.View, settings.IdleTimeout, time, logger);
        var (profile, begin, reason) = (session.Profile.Name, time.GetTimestamp(), Ending.OurMistake.Reason!);
        calls.Began(CallMetrics.Socket, profile);
        try
        {
            foreach (var message in upstream.TakeFirst())
                await relay.ToCaller.SendAsync(message);
            reason = await relay.RunAsync(
                new(new CallerEvents(session, settings.Replaces), relay.ToCaller, relay.ToUpstream, metrics),
                new(upstream.View, relay.ToCaller, unknown, tokens),
                shutdown.Over);
        }
        finally
        {
            CallLease.Of(context)?.Release();
            calls.Left(CallMetrics.Socket, profile);
            calls.Ended(CallMetrics.Socket, profile, reason, time.GetElapsedTime(begin));
        }
    }

    private async Task<WebSocket?> AcceptAsync(HttpContext context, Exchange exchange)
    {
        try
        {
            var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null,
                KeepAliveInterval = PingInterval,
                KeepAliveTimeout = PongTimeout,
            });
            exchange.IsRelayed = true;
            metrics.Exchanged(exchange);
            return socket;
        }
        catch (InvalidOperationException) when (!context.Response.HasStarted)
        {
            exchange.Fail(GatewayError.TooManySockets); // the server's own count
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            exchange.Fail(GatewayError.CallerGone);
        }

        return null;
    }

    // The header must survive that the response is cleared on its way; HTTP/2 has no such header.
    private static GatewayError AskForUpgrade(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.OnStarting(static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                headers.Upgrade = "websocket";
                headers.Connection = "Upgrade, keep-alive"; // without the second word the server would end the connection and not say so
                return Task.CompletedTask;
            }, context);
        }

        return GatewayError.UpgradeRequired;
    }
}
