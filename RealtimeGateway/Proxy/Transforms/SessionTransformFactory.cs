using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The vocabulary of a minting route: <c>{ "SessionProfile": "assistant" }</c> and <c>{ "SessionResponse": "session" }</c>.
/// </summary>
internal sealed class SessionTransformFactory(LiveConfiguration live, ILoggerFactory loggers) : ITransformFactory
{
    public const string ProfileKey = "SessionProfile";
    public const string ResponseKey = "SessionResponse";
    private const string SessionShape = "session";

    public bool Validate(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.TryGetValue(ProfileKey, out var name))
        {
            var profiles = live.Of(context.Route).Profiles;
            if (!profiles.ContainsKey(name ?? ""))
                context.Errors.Add(new ArgumentException($"{ProfileKey} \"{name}\" names no usable profile; known: {string.Join(", ", profiles.Keys)}"));
            return true;
        }

        if (!transformValues.TryGetValue(ResponseKey, out var shape))
            return false;
        if (shape is not SessionShape)
            context.Errors.Add(new ArgumentException($"{ResponseKey} \"{shape}\" must be one of: {SessionShape}"));
        if (!context.Route.Transforms!.Any(transform => transform.ContainsKey(ProfileKey)))
            context.Errors.Add(new ArgumentException($"{ResponseKey} needs {ProfileKey} on the same route"));
        return true;
    }

    public bool Build(TransformBuilderContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.TryGetValue(ProfileKey, out var name))
        {
            var snapshot = live.Of(context.Route);
            context.RequestTransforms.Add(new SessionProfileTransform(snapshot, name, snapshot.Destinations.In(context.Route.ClusterId)));
            return true;
        }

        if (!transformValues.ContainsKey(ResponseKey))
            return false;
        context.ResponseTransforms.Add(new SessionResponseTransform(loggers.CreateLogger<SessionResponseTransform>()));
        return true;
    }
}
