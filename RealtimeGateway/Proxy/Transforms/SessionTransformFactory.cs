using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The vocabulary of a minting route: <c>{ "SessionProfile": "assistant" }</c> and <c>{ "SessionResponse": "session" }</c>, or <c>"ticket"</c> where the service
/// is asked only when the caller's own caller begins the session.
/// </summary>
internal sealed class SessionTransformFactory(LiveConfiguration live, TimeProvider time, ILoggerFactory loggers) : ITransformFactory
{
    public const string ProfileKey = "SessionProfile";
    public const string SessionKey = "Session";
    public const string ResponseKey = "SessionResponse";
    private const string SessionShape = "session";
    private const string TicketShape = "ticket";

    public bool Validate(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.TryGetValue(ProfileKey, out var name))
        {
            if (RouteProfileRules.Check(context, live.Of(context.Route), ProfileKey, name)?.Options.EventFilter is true && !GivesTickets(context.Route))
                context.Errors.Add(new ArgumentException($"{ProfileKey} \"{name}\" has EventFilter, which only calls through the gateway can keep ({CallTransformFactory.OfferKey})"));
            if (!HasTransform(context, ResponseKey))
                context.Errors.Add(new ArgumentException($"{ProfileKey} needs {ResponseKey} on the same route: the upstream echoes instructions and tools"));
            CheckWord(context, transformValues);
            return true;
        }

        if (!transformValues.TryGetValue(ResponseKey, out var shape))
            return false;
        if (shape is not (SessionShape or TicketShape))
            context.Errors.Add(new ArgumentException($"{ResponseKey} \"{shape}\" must be one of: {SessionShape}, {TicketShape}"));
        if (shape is TicketShape && context.Route.Match.Methods is not ["POST"])
            context.Errors.Add(new ArgumentException($"{ResponseKey} \"{TicketShape}\" needs Match:Methods to be POST alone"));
        if (!HasTransform(context, ProfileKey))
            context.Errors.Add(new ArgumentException($"{ResponseKey} needs {ProfileKey} on the same route"));
        return true;
    }

    /// <summary>The session profile that the route names for callers who get the secret; <c>null</c> when it names none.</summary>
    public static string? ProfileOf(RouteConfig route) =>
        route.Transforms?.Select(transform => transform.GetValueOrDefault(ProfileKey)).FirstOrDefault(name => name is not null);

    /// <summary>Whether the route answers with tickets, and asks no destination.</summary>
    public static bool GivesTickets(RouteConfig route) => route.Transforms?.Any(transform => transform.GetValueOrDefault(ResponseKey) is TicketShape) is true;

    private static void CheckWord(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        SessionWord.Check(context, transformValues, ProfileKey);
        if (transformValues.ContainsKey(SessionKey) && !GivesTickets(context.Route))
            context.Errors.Add(new ArgumentException($"{ProfileKey} with {SessionKey} needs {ResponseKey} \"{TicketShape}\" on the same route"));
    }

    private static bool HasTransform(TransformRouteValidationContext context, string key) =>
        context.Route.Transforms!.Any(transform => transform.ContainsKey(key));

    public bool Build(TransformBuilderContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (transformValues.ContainsKey(ProfileKey))
        {
            context.RequestTransforms.Add(new SessionProfileTransform(new(loggers.CreateLogger<Minting>())));
            return true;
        }

        if (!transformValues.ContainsKey(ResponseKey))
            return false;
        context.ResponseTransforms.Add(new SessionResponseTransform(new(loggers.CreateLogger<Minting>()), time));
        return true;
    }
}
