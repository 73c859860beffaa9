using System.Collections.Frozen;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

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

    /// <param name="clusters">The candidate's clusters.</param>
    /// <param name="credentials">The candidate's credentials, by name.</param>
    /// <param name="previous">The destinations in force; one that is the same resource goes on with what has been learnt about it.</param>
    /// <param name="time">The clock of its health.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static Destinations Read(
        IEnumerable<ClusterConfig> clusters, IReadOnlyDictionary<string, ICredential> credentials, Destinations? previous, TimeProvider time, ConfigurationFaults faults) =>
        new(clusters.ToFrozenDictionary(cluster => cluster.ClusterId, cluster => ReadCluster(cluster, credentials, previous, time, faults), StringComparer.OrdinalIgnoreCase));

    private static FrozenDictionary<string, Destination> ReadCluster(
        ClusterConfig cluster, IReadOnlyDictionary<string, ICredential> credentials, Destinations? previous, TimeProvider time, ConfigurationFaults faults)
    {
        var rules = ClusterRules.Read(cluster, faults);
        return (cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            .Select(pair => new DestinationReader(cluster, pair.Key, pair.Value, credentials, faults).Read(rules, previous, time))
            .OfType<Destination>()
            .ToFrozenDictionary(destination => destination.Name, StringComparer.OrdinalIgnoreCase);
    }
}
