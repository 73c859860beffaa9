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
        var destination = chosen is not null && destinations.TryGetValue(chosen.DestinationId, out var own)
            ? own
            : destinations.Values.FirstOrDefault(); // a reload has renamed it: the request ends in the world in which it began
        if (destination is null)
            Refusal.Set(context, GatewayError.NoDestination);
        else
            Exchange.Of(context.HttpContext).Destination = destination;
        return ValueTask.CompletedTask;
    }
}
