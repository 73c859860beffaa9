using System.Collections.Frozen;
using RealtimeGateway.Callers;
using RealtimeGateway.Credentials;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>
/// One whole, validated configuration. It never changes: a reload publishes another one. A route's transforms, settings and endpoint are built
/// from one snapshot, so for a request route, profile, credential and limit always belong together.
/// </summary>
internal sealed class Snapshot
{
    /// <summary>Every route carries its snapshot's version under this metadata key; a new version therefore rebuilds every route.</summary>
    public const string RouteMetadataKey = "Snapshot";

    public required string Version { get; init; }

    public required DateTimeOffset LoadedAt { get; init; }

    public required IReadOnlyList<RouteConfig> Routes { get; init; }

    public required IReadOnlyList<ClusterConfig> Clusters { get; init; }

    /// <summary>What proves the gateway to destinations, by name.</summary>
    public required IReadOnlyDictionary<string, ICredential> Credentials { get; init; }

    public required Destinations Destinations { get; init; }

    public required FrozenDictionary<string, SessionProfile> Profiles { get; init; }

    /// <summary>Every limit, by name.</summary>
    public required FrozenDictionary<string, LimitRule> Limits { get; init; }

    /// <summary>What each route asks of the gateway, by route id.</summary>
    public required FrozenDictionary<string, RouteSettings> Settings { get; init; }

    /// <summary>Who may come to the gateway's own endpoints.</summary>
    public required Gate Gate { get; init; }

    public required AllowedHosts Hosts { get; init; }

    public required Proxies Proxies { get; init; }

    /// <summary>What is logged, by path below section <c>Logging</c>.</summary>
    public required IReadOnlyDictionary<string, string> LogLevels { get; init; }

    /// <summary>Whose traces go on here.</summary>
    public required TraceTrust Traces { get; init; }

    /// <summary>How often an address may fail to authenticate.</summary>
    public required LimitRule FailedAuthentication { get; init; }

    /// <summary>How often a caller's pages may report about their calls.</summary>
    public required RouteLimits WebRtcReports { get; init; }

    /// <summary>Where replicas count limits together; <c>null</c> when each counts by itself. In force from the next start on.</summary>
    public required RedisOptions? Redis { get; init; }

    /// <summary>Where the keys are kept that seal what callers are given. In force from the next start on.</summary>
    public required KeyRingOptions KeyRing { get; init; }

    /// <summary>The page's Content-Security-Policy, which names the hosts that a browser connects to itself.</summary>
    public required string PagePolicy { get; init; }

    /// <summary>Whether the one upstream is the simulator in this process.</summary>
    public required bool UsesSimulator { get; init; }

    /// <summary>The page of the simulator whose browser answers calls; none with a real upstream.</summary>
    public required Uri? PeerPage { get; init; }
}
