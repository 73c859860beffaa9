using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The last request transform: takes every credential of the caller away and gives the request the destination's address and credential.
/// Both come from the same object, because YARP changes a destination's address in place while requests are on their way.
/// </summary>
internal sealed class CredentialTransform(TimeProvider time) : RequestTransform
{
    public override async ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var destination = exchange.RequiredDestination;
        if (exchange.Session is not null)
            Mint(context, destination.Dialect);
        CredentialHeaders.RemoveFrom(context.ProxyRequest);
        await DestinationClient.PrepareAsync(
            context.ProxyRequest, destination, context.Path, context.Query.QueryString, exchange, context.CancellationToken);
        exchange.SentAt = time.GetTimestamp();
    }

    // The route's own path transforms speak of general availability; the destination has the last word.
    private static void Mint(RequestTransformContext context, IRealtimeDialect dialect)
    {
        if (dialect.MintPath is { } path)
            context.Path = path;
        if (dialect.ApiVersion is { } version)
            context.Query.Collection["api-version"] = version;
    }
}
