using RealtimeGateway.Proxy;

namespace RealtimeGateway.Sockets;

/// <summary>
/// On a route with <c>SessionEvents</c>, where YARP would forward: opens a session at the destination that was chosen. What goes wrong is left in the
/// <see cref="Exchange"/>, and the response is untouched, so that another destination may be tried.
/// </summary>
internal sealed class UpstreamSocketMiddleware(RequestDelegate next, UpstreamSockets upstreams)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        if (exchange.Route.Socket is null)
            await next(context);
        else if (await upstreams.OpenAsync(context, exchange) is { } opened)
            context.Features.Set(opened);
    }
}
