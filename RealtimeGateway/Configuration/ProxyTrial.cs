using System.Collections.Frozen;
using RealtimeGateway.Proxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Configuration;

/// <summary>
/// Has YARP judge a candidate's routes and clusters without applying them, and looks for what YARP overlooks: a route to no cluster, two routes
/// for one request. A transform that cannot be built fails here and not when half of a change is in force.
/// </summary>
internal sealed class ProxyTrial(IConfigValidator validator, ITransformBuilder transforms)
{
    public async Task CheckAsync(Snapshot candidate, ConfigurationFaults faults)
    {
        if (candidate.Routes.Count == 0)
            faults.Add("ReverseProxy:Routes", "holds no route");
        RouteOverlap.Check(candidate.Routes, faults);
        var clusters = candidate.Clusters.ToFrozenDictionary(cluster => cluster.ClusterId, StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in candidate.Clusters)
            Add($"ReverseProxy:Clusters:{cluster.ClusterId}", await validator.ValidateClusterAsync(cluster), faults);
        foreach (var route in candidate.Routes)
        {
            var key = $"ReverseProxy:Routes:{route.RouteId}";
            var errors = await validator.ValidateRouteAsync(route);
            Add(key, errors, faults);
            if (route.ClusterId is null || !clusters.TryGetValue(route.ClusterId, out var cluster))
                faults.Add($"{key}:ClusterId", route.ClusterId, "names no cluster");
            else if (errors.Count == 0)
                TryBuild(route, cluster, key, faults);
        }
    }

    private void TryBuild(RouteConfig route, ClusterConfig cluster, string key, ConfigurationFaults faults)
    {
        try
        {
            transforms.Build(route, cluster);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException)
        {
            faults.Add($"{key}:Transforms", e.Message);
        }
    }

    private static void Add(string key, IList<Exception> errors, ConfigurationFaults faults)
    {
        foreach (var error in errors)
            faults.Add(key, error.Message);
    }
}
