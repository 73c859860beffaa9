using Microsoft.AspNetCore.Cors.Infrastructure;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Callers;

/// <summary>Who may come to an endpoint: the schemes that tell callers apart, the callers that are admitted, and the pages of other origins that may ask.</summary>
internal sealed record Gate(CallerSchemes Schemes, Access Access, CorsPolicy? Cors)
{
    /// <summary>A proxied route's own gate; the gateway's own endpoints share one.</summary>
    public static Gate Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>()?.Gate
        ?? context.RequestServices.GetRequiredService<LiveConfiguration>().Current.Gate;
}
