using System.Collections.Frozen;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Sockets;

/// <summary>
/// What a route with <c>SessionEvents</c> says about its sockets, and what a caller may ask of them in the query: <c>profile</c> and <c>model</c>. Other
/// names that mean something to the service are refused, and any other has no effect.
/// </summary>
internal sealed class SocketSettings(FrozenDictionary<string, SessionProfile> profiles, Destination[] destinations)
{
    public const string IdleTimeoutKey = "IdleTimeout";

    private static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestIdleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestIdleTimeout = TimeSpan.FromHours(1);

    private static readonly FrozenSet<string> Refused =
        new[] { "api-key", "api-version", "call_id", "deployment", "intent", "webrtcfilter" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The session profile, unless the caller asks for another.</summary>
    public required string Profile { get; init; }

    /// <summary>Metadata <c>IdleTimeout</c>: how long a socket may be without any message before it is closed.</summary>
    public TimeSpan IdleTimeout { get; private init; } = DefaultIdleTimeout;

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
        return new(profiles, destinations) { Profile = profile, IdleTimeout = idle ?? DefaultIdleTimeout };
    }

    /// <summary>The session that the caller asks for, or the refusal.</summary>
    public (RequestedSession? Session, GatewayError? Error) Ask(HttpContext context)
    {
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(Refused.Contains) is { } name)
            return (null, GatewayError.FieldNotAllowed.About(name.ToLowerInvariant(), "This query value may not be set; profile and model may."));
        // One answer to both: whoever may not use a profile does not learn that it exists.
        if (!profiles.TryGetValue(query.TryGetValue("profile", out var asked) ? asked.ToString() : Profile, out var profile)
            || !Caller.Of(context).MayUse(profile))
            return (null, GatewayError.ForbiddenProfile);
        if (!query.TryGetValue("model", out var model) || model == profile.DefaultModel)
            return (new(profile, profile.DefaultModel), null);
        if (!profile.ClientMaySet.Contains(SessionMember.Model))
            return (null, GatewayError.FieldNotAllowed.About("model", "Another model may not be chosen here."));
        return profile.Models.Contains(model.ToString()) || SessionReader.DeploymentsFor(profile, destinations).Contains(model.ToString())
            ? (new(profile, model.ToString()), null)
            : (null, GatewayError.InvalidValue.About("model", $"model must be one of: {string.Join(", ", profile.Options.Models)}."));
    }
}
