using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>What must hold for a route that names a session profile, whatever it does with the session.</summary>
internal static class RouteProfileRules
{
    /// <summary>The profile; <c>null</c> when the name is none.</summary>
    /// <param name="key">The transform that names it.</param>
    public static SessionProfile? Check(TransformRouteValidationContext context, Snapshot snapshot, string key, string? name)
    {
        if (!snapshot.Profiles.TryGetValue(name ?? "", out var profile))
            context.Errors.Add(new ArgumentException($"{key} \"{name}\" names no usable profile; known: {string.Join(", ", snapshot.Profiles.Keys)}"));
        else
            CheckModels(context, snapshot, key, profile);
        // With no usable destination at all, that is the fault, and it has been named.
        if (snapshot.Destinations.In(context.Route.ClusterId).Count > 0 && !snapshot.Destinations.HoldCredential(context.Route.ClusterId))
            context.Errors.Add(new ArgumentException($"{key} needs a cluster whose destinations have a credential"));
        return profile;
    }

    private static void CheckModels(TransformRouteValidationContext context, Snapshot snapshot, string key, SessionProfile profile)
    {
        var destinations = snapshot.Destinations.In(context.Route.ClusterId).Values;
        foreach (var model in profile.Options.Models.Where(model => destinations.Length > 0 && !destinations.Any(destination => destination.Serves(model))))
            context.Errors.Add(new ArgumentException($"{key} \"{profile.Name}\" allows model {model}, which no destination of the cluster serves (Metadata:Model)"));
    }
}
