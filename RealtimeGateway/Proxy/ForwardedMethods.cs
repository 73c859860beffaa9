using RealtimeGateway.Configuration;
using RealtimeGateway.Sockets;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>
/// The methods that may go to a destination with a credential. TRACE would have the key echoed, CONNECT would open a tunnel, and a preflight is
/// none of the upstream's business.
/// </summary>
internal static class ForwardedMethods
{
    private static readonly string[] Allowed = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>The route with its methods limited; one that names no method takes all that are allowed.</summary>
    public static RouteConfig Limit(RouteConfig route, Destinations destinations, ConfigurationFaults faults)
    {
        if (!destinations.HoldCredential(route.ClusterId))
            return route;
        var allowed = SessionEventsFactory.ProfileOf(route) is null ? Allowed : SessionEventsFactory.Methods;
        if (route.Match.Methods is not { Count: > 0 } methods)
            return route with { Match = route.Match with { Methods = allowed } };
        foreach (var other in methods.Except(allowed, StringComparer.OrdinalIgnoreCase))
            faults.Add($"ReverseProxy:Routes:{route.RouteId}:Match:Methods", other, $"is not forwarded with a credential; allowed: {string.Join(", ", allowed)}");
        return route;
    }
}
