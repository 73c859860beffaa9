using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Finds routes that would answer the same request as another one or as the gateway itself: routing cannot choose between them, so every such
/// request would fail.
/// </summary>
internal static partial class RouteOverlap
{
    private static readonly string[] OwnPaths =
    [
        "health", "health/live", "health/ready", "health/details", "metrics", "profiles", "docs", "docs/{}", "docs/scalar.js",
        "docs/scalar.aspnetcore.js", "docs/favicon.svg", "openapi/v1.json", "telemetry/webrtc", "calls/{}", "openai/v1/realtime/calls/{}/hangup",
    ];

    public static void Check(IReadOnlyList<RouteConfig> routes, ConfigurationFaults faults)
    {
        for (var i = 0; i < routes.Count; i++)
        {
            var key = $"ReverseProxy:Routes:{routes[i].RouteId}:Match";
            if (OwnPaths.Contains(Shape(routes[i])))
                faults.Add($"{key}:Path", routes[i].Match.Path, "belongs to the gateway itself");
            if (routes.Take(i).FirstOrDefault(other => Overlap(routes[i], other)) is { } twin)
                faults.Add(key, $"matches the same requests as route {twin.RouteId}; give one of them another Order");
        }
    }

    private static bool Overlap(RouteConfig one, RouteConfig other) =>
        Shape(one) == Shape(other) && one.Order == other.Order && Share(one.Match.Methods, other.Match.Methods) && Share(one.Match.Hosts, other.Match.Hosts)
        && HasNoCondition(one) && HasNoCondition(other);

    // No list means everything.
    private static bool Share(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is not { Count: > 0 } || other is not { Count: > 0 } || one.Intersect(other, StringComparer.OrdinalIgnoreCase).Any();

    private static bool HasNoCondition(RouteConfig route) => route.Match is { Headers: null or { Count: 0 }, QueryParameters: null or { Count: 0 } };

    /// <summary>The path with the names of its parameters taken out.</summary>
    private static string Shape(RouteConfig route) => Parameter().Replace((route.Match.Path ?? "").Trim('/').ToLowerInvariant(), "{${stars}}");

    [GeneratedRegex(@"\{(?<stars>\**)[^}]*\}", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Parameter();
}
