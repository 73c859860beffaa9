using System.Collections.Frozen;
using RealtimeGateway.Callers;
using RealtimeGateway.Calls;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tickets;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>What a route's metadata and transforms say to the gateway.</summary>
internal sealed class RouteSettings
{
    private const string TimeoutKey = "Timeout";

    internal static readonly string[] KnownMetadata =
    [
        TimeoutKey, RouteLimits.MetadataKey, Access.SettingName,
        FailoverRules.AttemptsKey, FailoverRules.AttemptTimeoutKey, FailoverRules.StatusesKey, FailoverRules.BodyKey, SocketSettings.IdleTimeoutKey,
    ];

    public static readonly RouteSettings None = new();

    /// <summary>The route's id; from configuration, and safe as a metric label.</summary>
    public string Name { get; init; } = "none";

    /// <summary>
    /// The whole time that the upstream may take, answer included; none for routes that stream. (YARP's own <c>Timeout</c> would answer the caller
    /// with an empty 400.)
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What limits requests to this route, and calls begun by them.</summary>
    public RouteLimits? Limits { get; init; }

    /// <summary>Who may come to this route.</summary>
    public Gate? Gate { get; init; }

    /// <summary>How it tries again; <c>null</c> on a route to a cluster that needs no credential, which is YARP's own affair.</summary>
    public FailoverRules? Failover { get; init; }

    /// <summary>What reads the session or the call that a caller asks for; <c>null</c> on a route that mints neither.</summary>
    public IRequestReader? Reader { get; init; }

    /// <summary>What it says about WebSockets; <c>null</c> on a route that takes none.</summary>
    public SocketSettings? Socket { get; init; }

    /// <summary>Where its requests can go.</summary>
    public Destination[] Destinations { get; init; } = [];

    /// <summary>Whether it begins calls.</summary>
    public bool BeginsCalls => Reader is OfferReader;

    /// <summary>Whether it answers with tickets.</summary>
    public bool GivesTickets => Reader is TicketReader;

    /// <summary>Whether tickets are redeemed here: where calls and sockets begin.</summary>
    public bool TakesTickets => BeginsCalls || Socket is not null;

    /// <summary>Whether callers may come to it without proving who they are.</summary>
    public bool AdmitsAnonymous => Gate?.Access.Admits(Caller.Anonymous) is true;

    public static FrozenDictionary<string, RouteSettings> Read(
        IEnumerable<RouteConfig> routes, IReadOnlyDictionary<string, LimitRule> limits, FrozenDictionary<string, SessionProfile> profiles,
        Destinations destinations, CallerSchemes callers, CorsPolicies cors, ConfigurationFaults faults) =>
        routes.ToFrozenDictionary(route => route.RouteId, route => Read(route, limits, profiles, destinations, callers, cors, faults), StringComparer.OrdinalIgnoreCase);

    private static RouteSettings Read(
        RouteConfig route, IReadOnlyDictionary<string, LimitRule> limits, FrozenDictionary<string, SessionProfile> profiles,
        Destinations destinations, CallerSchemes callers, CorsPolicies cors, ConfigurationFaults faults)
    {
        var key = $"ReverseProxy:Routes:{route.RouteId}";
        if (route.Timeout is not null || route.TimeoutPolicy is not null)
            faults.Add($"{key}:Timeout", $"would answer with an empty 400; use Metadata:{TimeoutKey} instead");
        foreach (var (name, value) in new[]
        {
            ("AuthorizationPolicy", route.AuthorizationPolicy), ("OutputCachePolicy", route.OutputCachePolicy), ("RateLimiterPolicy", route.RateLimiterPolicy),
        })
        {
            if (value is not null)
                faults.Add($"{key}:{name}", value, $"is not supported; callers are named by Metadata:{Access.SettingName}, a rate limit by Metadata:{RouteLimits.MetadataKey}");
        }

        var metadata = new MetadataReader(route.Metadata, key, faults);
        metadata.RefuseUnknown(KnownMetadata);
        var calls = CallTransformFactory.OfferOf(route);
        var profile = calls?.Profile ?? SessionTransformFactory.ProfileOf(route);
        var givesTickets = SessionTransformFactory.GivesTickets(route);
        var own = destinations.In(route.ClusterId).Values.Where(destination => (calls is null && !givesTickets) || destination.Dialect.TakesCalls).ToArray();
        var socket = SocketSettings.Read(route, key, profiles, own, faults);
        var choice = profile is null ? null : new RouteProfiles(profiles, profile);
        var failover = FailoverRules.Read(route, key, isMint: profile is not null || socket is not null, faults);
        return new()
        {
            Name = route.RouteId,
            Timeout = metadata.Time(TimeoutKey, TimeSpan.FromHours(1)),
            Limits = RouteLimits.Read(route, key, limits, profiles, profile ?? socket?.Profile, faults),
            Gate = ReadGate(route, key, hasProfile: (profile ?? socket?.Profile) is not null, callers, cors, faults),
            Failover = destinations.HoldCredential(route.ClusterId) ? failover : null,
            Reader = choice is null ? null
                : calls is not null ? new OfferReader(choice, calls, own, route.MaxRequestBodySize)
                : givesTickets ? new TicketReader(choice, own, SessionWord.Replaces(route), route.MaxRequestBodySize)
                : new SessionReader(choice, own, route.MaxRequestBodySize),
            Socket = socket,
            Destinations = socket is null ? own : Array.FindAll(own, SessionEventsFactory.Takes),
        };
    }

    private static Gate ReadGate(RouteConfig route, string key, bool hasProfile, CallerSchemes callers, CorsPolicies cors, ConfigurationFaults faults)
    {
        var list = (route.Metadata?.GetValueOrDefault(Access.SettingName) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var access = Access.Read($"{key}:Metadata:{Access.SettingName}", list, callers, faults);
        return new(callers, hasProfile ? access : access.WithoutProfile(), cors.For(route, faults));
    }
}
