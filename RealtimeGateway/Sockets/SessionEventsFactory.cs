using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Sockets;

/// <summary>
/// The word <c>{ "SessionEvents": "assistant" }</c>: the route takes WebSockets, ends them here, and lets through what the profile allows. The
/// effect is that of <see cref="SocketMiddleware"/>; as a transform it is checked with the rest of the route.
/// </summary>
internal sealed class SessionEventsFactory(LiveConfiguration live) : ITransformFactory
{
    public const string Key = "SessionEvents";

    /// <summary>The method of a WebSocket, as a route's configuration knows it.</summary>
    public static readonly string[] Methods = ["GET"];

    /// <summary>The session profile of a route that takes sockets; <c>null</c> when it does not.</summary>
    public static string? ProfileOf(RouteConfig route) =>
        route.Transforms?.Select(transform => transform.GetValueOrDefault(Key)).FirstOrDefault(name => name is not null);

    public bool Validate(TransformRouteValidationContext context, IReadOnlyDictionary<string, string> transformValues)
    {
        if (!transformValues.TryGetValue(Key, out var name))
            return false;
        RouteProfileRules.Check(context, live.Of(context.Route), Key, name);
        SessionWord.Check(context, transformValues, Key);
        if (context.Route.Transforms!.Any(transform => transform.ContainsKey(SessionTransformFactory.ProfileKey) || transform.ContainsKey(SessionTransformFactory.ResponseKey)))
            context.Errors.Add(new ArgumentException($"{Key} takes sockets and {SessionTransformFactory.ProfileKey} takes requests: they need a route each"));
        return true;
    }

    public bool Build(TransformBuilderContext context, IReadOnlyDictionary<string, string> transformValues) => transformValues.ContainsKey(Key);

    /// <summary>Whether sockets can go there: the preview protocol speaks of sessions in another way.</summary>
    public static bool Takes(Destination destination) => destination is { Credential: not null, Dialect: GaDialect };
}
