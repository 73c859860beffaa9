namespace RealtimeGateway.Proxy;

/// <summary>On a route that mints or begins calls: finds out what the caller asks for, or refuses, before a destination is chosen.</summary>
internal sealed class SessionRequestMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        if (exchange.Route.Reader is { } reader && await reader.ReadAsync(context, exchange) is { } refusal)
            exchange.Fail(refusal);
        else
            await next(context);
    }
}
