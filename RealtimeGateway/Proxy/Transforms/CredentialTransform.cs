using RealtimeGateway.Credentials;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The last request transform: takes every credential of the caller away and gives the request the destination's address and credential.
/// Both come from the same object, because YARP changes a destination's address in place while requests are on their way.
/// </summary>
internal sealed class CredentialTransform(IReadOnlyDictionary<string, Destination> destinations, TimeProvider time) : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var chosen = context.HttpContext.GetReverseProxyFeature().ProxiedDestination;
        if (chosen is null || !destinations.TryGetValue(chosen.DestinationId, out var destination))
        {
            Refusal.Set(context, GatewayError.NoDestination); // it has come or gone with a reload
            return ValueTask.CompletedTask;
        }

        CredentialHeaders.RemoveFrom(context.ProxyRequest);
        context.Query.Collection.Remove(ApiKeyCredential.HeaderName);
        DestinationClient.Prepare(context.ProxyRequest, destination, context.Path, context.Query.QueryString);
        exchange.Destination = destination;
        exchange.SentAt = time.GetTimestamp();
        return ValueTask.CompletedTask;
    }
}
