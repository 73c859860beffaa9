using System.Collections.Frozen;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>
/// One upstream resource and everything that belongs to it: address, credential, deployment and protocol. A request takes them all from one
/// such object, so that a credential can only ever go to the address it was meant for.
/// </summary>
internal sealed class Destination
{
    /// <summary>The destination's id in its cluster; short, from configuration, and safe as a metric label.</summary>
    public required string Name { get; init; }

    /// <summary>Base address, ending in a slash.</summary>
    public required Uri Address { get; init; }

    public ICredential? Credential { get; init; }

    /// <summary>Azure's name for the model; without it the alias that the caller chose is the name.</summary>
    public string? Deployment { get; init; }

    public required IRealtimeDialect Dialect { get; init; }

    /// <summary>Where a browser posts its SDP offer with a secret minted here.</summary>
    public required string WebRtcUrl { get; init; }

    /// <summary>Whether this identifier or path of members would tell a caller where the destination is.</summary>
    public bool IsNamedIn(string identifier) => identifier.Contains(Address.Host, StringComparison.OrdinalIgnoreCase)
        || identifier.Split('.', '[').Any(part =>
            part.Equals(Address.Host.Split('.')[0], StringComparison.OrdinalIgnoreCase) || part.Equals(Deployment, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Every destination by cluster and id.</summary>
internal sealed class Destinations
{
    private readonly FrozenDictionary<string, FrozenDictionary<string, Destination>> _byCluster;

    private Destinations(FrozenDictionary<string, FrozenDictionary<string, Destination>> byCluster) => _byCluster = byCluster;

    public IEnumerable<Destination> All => _byCluster.Values.SelectMany(cluster => cluster.Values);

    public FrozenDictionary<string, Destination> In(string? clusterId) =>
        clusterId is not null && _byCluster.TryGetValue(clusterId, out var destinations) ? destinations : FrozenDictionary<string, Destination>.Empty;

    /// <summary>Whether requests to the cluster may carry a credential, so that everything around them must be protected.</summary>
    public bool HoldCredential(string? clusterId) => In(clusterId).Values.Any(destination => destination.Credential is not null);

    public static Destinations Read(IEnumerable<ClusterConfig> clusters, IReadOnlyDictionary<string, ICredential> credentials, ConfigurationFaults faults) =>
        new(clusters.ToFrozenDictionary(cluster => cluster.ClusterId, cluster => ReadCluster(cluster, credentials, faults), StringComparer.OrdinalIgnoreCase));

    private static FrozenDictionary<string, Destination> ReadCluster(
        ClusterConfig cluster, IReadOnlyDictionary<string, ICredential> credentials, ConfigurationFaults faults)
    {
        if (cluster.HttpClient?.DangerousAcceptAnyServerCertificate is true)
            faults.Add($"ReverseProxy:Clusters:{cluster.ClusterId}:HttpClient:DangerousAcceptAnyServerCertificate", "true", "would send credentials to anybody");
        return (cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            .Select(pair => new DestinationReader(cluster.ClusterId, pair.Key, pair.Value, credentials, faults).Read())
            .OfType<Destination>()
            .ToFrozenDictionary(destination => destination.Name, StringComparer.OrdinalIgnoreCase);
    }
}
