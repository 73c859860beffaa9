using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The vocabulary of a minting route: <c>{ "SessionProfile": "assistant" }</c> and <c>{ "SessionResponse": "session" }</c>.
/// </summary>
internal sealed class SessionTransformFactory(LiveConfiguration live, TimeProvider time, ILoggerFactory loggers) : ITransformFactory
{
    public const string ProfileKey = "SessionProfile";
    public const string ResponseKey = "SessionResponse";
    private const string SessionShape = "session";

    public bool Validate(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.TryGetValue(ProfileKey, out var name))
        {
            var snapshot = live.Of(context.Route);
            if (!snapshot.Profiles.ContainsKey(name ?? ""))
                context.Errors.Add(new ArgumentException($"{ProfileKey} \"{name}\" names no usable profile; known: {string.Join(", ", snapshot.Profiles.Keys)}"));
            else
                CheckModels(context, ProfileKey, snapshot, snapshot.Profiles[name!]);
            // With no usable destination at all, that is the fault, and it has been named.
            if (snapshot.Destinations.In(context.Route.ClusterId).Count > 0 && !snapshot.Destinations.HoldCredential(context.Route.ClusterId))
                context.Errors.Add(new ArgumentException($"{ProfileKey} needs a cluster whose destinations have a credential"));
            if (!HasTransform(context, ResponseKey))
                context.Errors.Add(new ArgumentException($"{ProfileKey} needs {ResponseKey} on the same route: the upstream echoes instructions and tools"));
            return true;
        }

        if (!transformValues.TryGetValue(ResponseKey, out var shape))
            return false;
        if (shape is not SessionShape)
            context.Errors.Add(new ArgumentException($"{ResponseKey} \"{shape}\" must be one of: {SessionShape}"));
        if (!HasTransform(context, ProfileKey))
            context.Errors.Add(new ArgumentException($"{ResponseKey} needs {ProfileKey} on the same route"));
        return true;
    }

    public static void CheckModels(TransformRouteValidationContext context, string key, Snapshot snapshot, SessionProfile profile)
    {
        var destinations = snapshot.Destinations.In(context.Route.ClusterId).Values;
        foreach (var model in profile.Options.Models.Where(model => destinations.Length > 0 && !destinations.Any(destination => destination.Serves(model))))
            context.Errors.Add(new ArgumentException($"{key} \"{profile.Name}\" allows model {model}, which no destination of the cluster serves (Metadata:Model)"));
    }

    /// <summary>The session profile that the route names; <c>null</c> when it names none.</summary>
    public static string? ProfileOf(RouteConfig route) =>
        route.Transforms?.Select(transform => transform.GetValueOrDefault(ProfileKey)).FirstOrDefault(name => name is not null);

    private static bool HasTransform(TransformRouteValidationContext context, string key) =>
        context.Route.Transforms!.Any(transform => transform.ContainsKey(key));

    public bool Build(TransformBuilderContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.ContainsKey(ProfileKey))
        {
            context.RequestTransforms.Add(new SessionProfileTransform());
            return true;
        }

        if (!transformValues.ContainsKey(ResponseKey))
            return false;
        context.ResponseTransforms.Add(new SessionResponseTransform(time, loggers.CreateLogger<SessionResponseTransform>()));
        return true;
    }
}
