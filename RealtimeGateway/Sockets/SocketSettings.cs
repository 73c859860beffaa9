using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using RealtimeGateway.Tickets;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Sockets;

/// <summary>
/// What a route with <c>SessionEvents</c> says about its sockets, and what a caller may ask of them in the query: <c>profile</c> and <c>model</c>. Other
/// names that mean something to the service are refused, and any other has no effect.
/// </summary>
internal sealed class SocketSettings(RouteProfiles profiles, Destination[] destinations)
{
    public const string IdleTimeoutKey = "IdleTimeout";

    private static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestIdleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestIdleTimeout = TimeSpan.FromHours(1);

    // What another call or another kind of session is asked for with, or carries a credential.
    private static readonly FrozenSet<string> Refused = new[] { "api-key", "call_id", "intent" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // What the gateway decides.
    private static readonly FrozenSet<string> Own = new[] { "api-version", "deployment", "webrtcfilter" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The session profile, unless the caller asks for another.</summary>
    public required string Profile { get; init; }

    /// <summary>Metadata <c>IdleTimeout</c>: how long a socket may be without any message before it is closed.</summary>
    public TimeSpan IdleTimeout { get; private init; } = DefaultIdleTimeout;

    /// <summary><c>"Session": "replaced"</c>: the profile's values stand in for what the caller may not set, in its query and in <c>session.update</c>.</summary>
    public bool Replaces { get; private init; }

    /// <summary>The settings of one route; <c>null</c> when it takes no sockets.</summary>
    /// <param name="key">The route's key in the configuration, for faults.</param>
    public static SocketSettings? Read(
        RouteConfig route, string key, FrozenDictionary<string, SessionProfile> profiles, Destination[] destinations, ConfigurationFaults faults)
    {
        var metadata = new MetadataReader(route.Metadata, key, faults);
        var idle = metadata.Time(IdleTimeoutKey, LongestIdleTimeout);
        if (SessionEventsFactory.ProfileOf(route) is not { } profile)
        {
            if (metadata.Text(IdleTimeoutKey) is { } text)
                metadata.Refuse(IdleTimeoutKey, text, $"belongs to a route with {SessionEventsFactory.Key}");
            return null;
        }

        if (idle < ShortestIdleTimeout)
            metadata.Refuse(IdleTimeoutKey, metadata.Text(IdleTimeoutKey)!, $"must be at least {ShortestIdleTimeout}");
        return new(new(profiles, profile), destinations) { Profile = profile, IdleTimeout = idle ?? DefaultIdleTimeout, Replaces = SessionWord.Replaces(route) };
    }

    /// <summary>The session that the caller asks for, or the refusal.</summary>
    public (RequestedSession? Session, GatewayError? Error) Ask(HttpContext context)
    {
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(IsRefused) is { } name)
            return (null, GatewayError.FieldNotAllowed.About(name.ToLowerInvariant(), "This query value may not be set; profile and model may."));
        if (profiles.For(context) is not { } profile)
            return (null, GatewayError.ForbiddenProfile);
        var model = query["model"];
        if (Ticket.Of(context) is { } ticket)
            return Ask(model, ticket.SessionOf(profile, destinations));
        if (model.Count == 0 || model == profile.DefaultModel)
            return (new(profile, profile.DefaultModel), null);
        return Ask(model.ToString(), profile);
    }

    private bool IsRefused(string name) => Refused.Contains(name) || (!Replaces && Own.Contains(name));

    /// <summary>The model was chosen when the ticket was made.</summary>
    private (RequestedSession?, GatewayError?) Ask(StringValues model, (RequestedSession? Session, GatewayError? Error) ofTicket) =>
        ofTicket.Session is { } session && model.Count > 0 && model != session.Model && !Replaces
            ? (null, GatewayError.FieldNotAllowed.About("model", "The model was chosen when this secret was made."))
            : ofTicket;

    private (RequestedSession?, GatewayError?) Ask(string model, SessionProfile profile)
    {
        var isKnown = profile.Models.Contains(model) || SessionReader.DeploymentsFor(profile, destinations).Contains(model);
        if (isKnown && profile.ClientMaySet.Contains(SessionMember.Model))
            return (new(profile, model), null);
        if (Replaces)
            return (new(profile, profile.DefaultModel), null);
        return (null, profile.ClientMaySet.Contains(SessionMember.Model)
            ? GatewayError.InvalidValue.About("model", $"model must be one of: {string.Join(", ", profile.Options.Models)}.")
            : GatewayError.FieldNotAllowed.About("model", "Another model may not be chosen here."));
    }
}
