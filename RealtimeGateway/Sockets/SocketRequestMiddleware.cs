using System.Collections.Frozen;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Sockets;

/// <summary>
/// On a route with <c>SessionEvents</c>, before a destination is chosen: finds out which session the caller asks for, by <c>profile</c> and <c>model</c> of
/// its query. Every other name of a query that means something to the service is refused, and the rest has no effect.
/// </summary>
internal sealed class SocketRequestMiddleware(RequestDelegate next, LiveConfiguration live)
{
    private static readonly FrozenSet<string> Refused =
        new[] { "api-key", "api-version", "call_id", "deployment", "intent", "webrtcfilter" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>()?.Socket is not { } settings)
            return next(context);

        var exchange = Exchange.Of(context);
        var feature = context.GetReverseProxyFeature();
        var (session, error) = Read(context, settings, live.Of(feature.Route.Config));
        if (session is null)
        {
            exchange.Fail(error!);
            return Task.CompletedTask;
        }

        exchange.Session = session;
        var destinations = live.Of(feature.Route.Config).Destinations.In(feature.Route.Config.ClusterId);
        feature.AvailableDestinations = [.. feature.AvailableDestinations.Where(
            available => !destinations.TryGetValue(available.DestinationId, out var destination) || SessionEventsFactory.Takes(destination))];
        return next(context);
    }

    private static (RequestedSession? Session, GatewayError? Error) Read(HttpContext context, SocketSettings settings, Snapshot snapshot)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return (null, AskForUpgrade(context));
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(Refused.Contains) is { } name)
            return (null, GatewayError.FieldNotAllowed.About(name.ToLowerInvariant(), "This query value may not be set; profile and model may."));
        // One answer to both: whoever may not use a profile does not learn that it exists.
        if (!snapshot.Profiles.TryGetValue(query.TryGetValue("profile", out var asked) ? asked.ToString() : settings.Profile, out var profile)
            || !Caller.Of(context).MayUse(profile))
            return (null, GatewayError.ForbiddenProfile);
        if (!query.TryGetValue("model", out var model) || model == profile.DefaultModel)
            return (new RequestedSession(profile, profile.DefaultModel), null);
        if (!profile.ClientMaySet.Contains(SessionMember.Model))
            return (null, GatewayError.FieldNotAllowed.About("model", "Another model may not be chosen here."));
        var isKnown = profile.Models.Contains(model.ToString())
            || snapshot.Destinations.In(context.GetReverseProxyFeature().Route.Config.ClusterId).Values.Any(destination => destination.Deployment == model);
        return isKnown
            ? (new RequestedSession(profile, model.ToString()), null)
            : (null, GatewayError.InvalidValue.About("model", $"model must be one of: {string.Join(", ", profile.Options.Models)}."));
    }

    // The header must survive that the response is cleared on its way; HTTP/2 has no such header.
    private static GatewayError AskForUpgrade(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.OnStarting(static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                headers.Upgrade = "websocket";
                headers.Connection = "Upgrade";
                return Task.CompletedTask;
            }, context);
        }

        return GatewayError.UpgradeRequired;
    }
}
