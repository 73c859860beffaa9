using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The first request transform: finds the snapshot's own destination for the one that YARP chose. Every later transform takes address,
/// credential and dialect from it.
/// </summary>
internal sealed class DestinationTransform(IReadOnlyDictionary<string, Destination> destinations) : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var chosen = context.HttpContext.GetReverseProxyFeature().ProxiedDestination;
        if (chosen is not null && destinations.TryGetValue(chosen.DestinationId, out var destination))
            Exchange.Of(context.HttpContext).Destination = destination;
        else
            Refusal.Set(context, GatewayError.NoDestination);
        return ValueTask.CompletedTask;
    }
}
