using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>On a route that mints or begins calls: finds out what the caller asks for, or refuses, before a destination is chosen.</summary>
internal sealed class SessionRequestMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        if (exchange.Route.Reader is not { } reader)
            return next(context);
        var reading = reader.ReadAsync(context, exchange);
        return reading.IsCompletedSuccessfully ? GoOnAsync(context, exchange, reading.Result) : WaitAsync(context, exchange, reading);
    }

    private async Task WaitAsync(HttpContext context, Exchange exchange, ValueTask<GatewayError?> reading) => await GoOnAsync(context, exchange, await reading);

    private Task GoOnAsync(HttpContext context, Exchange exchange, GatewayError? refusal)
    {
        if (refusal is null)
            return next(context);
        exchange.Fail(refusal);
        return Task.CompletedTask;
    }
}
