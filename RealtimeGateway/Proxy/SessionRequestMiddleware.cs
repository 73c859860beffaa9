using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>On a route that mints: finds out what the caller asks for, or refuses, before a destination is chosen.</summary>
internal sealed class SessionRequestMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        if (exchange.Route.Sessions is { } reader)
        {
            var (session, error) = await reader.ReadAsync(context);
            exchange.Session = session;
            if (session is null)
            {
                exchange.Fail(error ?? GatewayError.InternalError);
                return;
            }
        }

        await next(context);
    }
}
