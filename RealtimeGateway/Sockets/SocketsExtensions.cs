
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Sockets;

/// <summary>The way of WebSockets: <c>GET /realtime</c> and every other route with <c>SessionEvents</c>.</summary>
internal static class SocketsExtensions
{
    public static void AddSockets(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OpenSockets>();
        builder.Services.AddSingleton<UnknownEvents>();
        builder.Services.AddSingleton<UpstreamSockets>();
    }

    /// <summary>Accepts and relays sockets, around all attempts to open a session upstream.</summary>
    public static void UseSockets(this IApplicationBuilder proxy)
    {
        proxy.UseWebSockets();
        proxy.UseMiddleware<SocketMiddleware>();
    }

    /// <summary>
    /// In HTTP/2 a socket comes by extended <c>CONNECT</c> (RFC 8441), a method that YARP takes in no configuration. It makes no tunnel here: the socket
    /// ends in the gateway, and any other CONNECT is no socket.
    /// </summary>
    public static void TakeSockets(IEndpointConventionBuilder endpoint, RouteConfig route)
    {
        if (SessionEventsFactory.ProfileOf(route) is not null)
            endpoint.WithMetadata(new HttpMethodMetadata(["GET", "CONNECT"], acceptCorsPreflight: true));
    }

    /// <summary>Opens a session upstream, after a destination has been chosen.</summary>
    public static void UseUpstreamSockets(this IApplicationBuilder proxy) => proxy.UseMiddleware<UpstreamSocketMiddleware>();
}
