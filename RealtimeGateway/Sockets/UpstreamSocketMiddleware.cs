using RealtimeGateway.Proxy;

namespace RealtimeGateway.Sockets;

/// <summary>
/// On a route with <c>SessionEvents</c>, where YARP would forward: opens a session at the destination that was chosen. What goes wrong is left in the
/// <see cref="Exchange"/>, and the response is untouched, so that another destination may be tried.
/// </summary>
internal sealed class UpstreamSocketMiddleware(RequestDelegate next, UpstreamSockets upstreams)
{
    public Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        return exchange.Route.Socket is null ? next(context) : OpenAsync(context, exchange);
    }

    private async Task OpenAsync(HttpContext context, Exchange exchange)
    {
        if (await upstreams.OpenAsync(context, exchange) is { } opened)
            context.Features.Set(opened);
    }
}
