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
        foreach (var (number, transform) in (route.Transforms ?? []).Index())
        {
            if (transform.ContainsKey("HttpMethodChange") && transform.GetValueOrDefault("Set") is { } changed)
                Check($"Transforms:{number}:Set", [changed]);
        }

        if (route.Match.Methods is not { Count: > 0 } methods)
            return route with { Match = route.Match with { Methods = allowed } };
        Check("Match:Methods", methods);
        return route;

        void Check(string key, IEnumerable<string> named)
        {
            foreach (var other in named.Except(allowed, StringComparer.OrdinalIgnoreCase))
                faults.Add($"ReverseProxy:Routes:{route.RouteId}:{key}", other, $"is not forwarded with a credential; allowed: {string.Join(", ", allowed)}");
        }
    }
}
