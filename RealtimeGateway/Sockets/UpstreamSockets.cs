using System.Net;
using System.Net.WebSockets;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Opens sockets to destinations: with the route's own transforms, so that address, headers and credential come the same way as for any request, and over
/// the cluster's own connections.
/// </summary>
internal sealed partial class UpstreamSockets(TimeProvider time, ILogger<UpstreamSockets> logger)
{
    private const string Protocol = "realtime";

    /// <summary>Connecting, and the session's confirmation. A route's <c>Timeout</c> may be shorter.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A session that is the profile's; <c>null</c> and <see cref="Exchange.Error"/> when there is none to be had here.</summary>
    public async Task<UpstreamSession?> OpenAsync(HttpContext context, Exchange exchange)
    {
        using var clock = new CancellationTokenSource(Patience, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, clock.Token);
        var socket = new ClientWebSocket();
        try
        {
            if (await ConnectAsync(socket, context, exchange, patience.Token))
            {
                var opened = await new SessionOpening(socket, exchange.Session!, exchange.RequiredDestination, logger, context.TraceIdentifier).RunAsync(patience.Token);
                exchange.Clock?.EndAttempt(); // the time was for opening: a conversation takes as long as it takes
                return opened;
            }
        }
        catch (SessionRefusedException e)
        {
            exchange.Fail(e.Failure);
        }
        catch (OperationCanceledException) when (exchange.Clock is { CallerLeft: true })
        {
            exchange.Fail(GatewayError.CallerGone);
        }
        catch (OperationCanceledException)
        {
            exchange.Fail(UpstreamFailure.TimedOut);
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            await FailAsync(socket, exchange, e, context, patience.Token);
        }

        socket.Dispose();
        return null;
    }

    private async Task<bool> ConnectAsync(ClientWebSocket socket, HttpContext context, Exchange exchange, CancellationToken cancellation)
    {
        var feature = context.GetReverseProxyFeature();
        if (Choose(feature) is not { } chosen)
        {
            exchange.Fail(GatewayError.NoDestination);
            return false;
        }

        using var request = new HttpRequestMessage();
        await feature.Route.Transformer.TransformRequestAsync(context, request, chosen.Model.Config.Address, cancellation);
        if (exchange.Error is not null)
            return false;
        foreach (var (name, values) in request.Headers.NonValidated)
            socket.Options.SetRequestHeader(name, values.ToString());
        socket.Options.AddSubProtocol(Protocol);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = SocketMiddleware.PingInterval;
        socket.Options.KeepAliveTimeout = SocketMiddleware.PongTimeout;
        await socket.ConnectAsync(AddressOf(request, exchange), feature.Cluster.HttpClient, cancellation);
        exchange.AnsweredAt = time.GetTimestamp();
        socket.HttpResponseHeaders = null; // or they would be kept as long as the socket
        return true;
    }

    // Load balancing has left one; what an attempt before has chosen does not count.
    private static DestinationState? Choose(IReverseProxyFeature feature) =>
        feature.ProxiedDestination = feature.AvailableDestinations is [var chosen, ..] ? chosen : null;

    /// <summary>The address that the transforms made, as one for sockets. Of a query there is the model, and nothing else.</summary>
    private static Uri AddressOf(HttpRequestMessage request, Exchange exchange) => new UriBuilder(request.RequestUri!)
    {
        Scheme = request.RequestUri!.Scheme is "https" ? "wss" : "ws",
        Query = "model=" + Uri.EscapeDataString(exchange.RequiredDestination.Deployment ?? exchange.Session!.Model),
    }.Uri;

    private async Task FailAsync(ClientWebSocket socket, Exchange exchange, Exception cause, HttpContext context, CancellationToken cancellation)
    {
        exchange.AnsweredAt = time.GetTimestamp();
        var status = (int)socket.HttpStatusCode;
        var destination = exchange.RequiredDestination;
        if (status is 0 or (>= 100 and < 300))
        {
            Log.NotConnected(logger, destination.Name, cause.GetBaseException().Message, context.TraceIdentifier);
            exchange.Fail(status > 0 || UpstreamFailure.IsUnreadable(cause.InnerException) ? UpstreamFailure.Unreadable : cause.GetBaseException() is TimeoutException ? UpstreamFailure.NotConnectedInTime : UpstreamFailure.NotConnected);
            return;
        }

        using var response = new HttpResponseMessage((HttpStatusCode)status);
        foreach (var (name, values) in socket.HttpResponseHeaders ?? new Dictionary<string, IEnumerable<string>>())
            response.Headers.TryAddWithoutValidation(name, values);
        var failure = await UpstreamRefusal.ReadAsync(response, destination, isMint: true, time, cancellation);
        var level = failure.Error.Code == GatewayError.UpstreamMisconfigured.Code ? LogLevel.Error : LogLevel.Warning;
        Log.Refused(logger, level, destination.Name, status, failure.Error.Code, context.TraceIdentifier);
        exchange.Fail(failure);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "Destination {Destination} answered a socket with {Status}: {Code}, request {RequestId}")]
        public static partial void Refused(ILogger logger, LogLevel level, string destination, int status, string code, string requestId);

        [LoggerMessage(2, LogLevel.Warning, "No socket to destination {Destination} ({Cause}), request {RequestId}")]
        public static partial void NotConnected(ILogger logger, string destination, string cause, string requestId);
    }
}
