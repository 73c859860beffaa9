using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Refuses what would become a tunnel of bytes that nobody here could look into: WebSocket and SPDY upgrades.</summary>
internal sealed class NoTunnelTransform : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var upgrade = context.HttpContext.Request.Headers.Upgrade.ToString();
        if (upgrade.Contains("websocket", StringComparison.OrdinalIgnoreCase) || upgrade.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase))
            Refusal.Set(context, GatewayError.InvalidRequest.Saying("This path takes no WebSocket."));
        return ValueTask.CompletedTask;
    }
}
