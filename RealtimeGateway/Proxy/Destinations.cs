using System.Collections.Frozen;
using RealtimeGateway.Calls;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>Every destination by cluster and id; and those that have left, for as long as calls may go on at them.</summary>
internal sealed class Destinations
{
    private readonly FrozenDictionary<string, FrozenDictionary<string, Destination>> _byCluster;
    private readonly Retired[] _retired;

    private Destinations(FrozenDictionary<string, FrozenDictionary<string, Destination>> byCluster, Destinations? previous, DateTimeOffset now)
    {
        _byCluster = byCluster;
        _retired = previous is null ? [] : [.. previous.StillHere(now + Call.Longest).Where(retired => retired.Until > now && !Has(retired.Destination))];
    }

    private sealed record Retired(Destination Destination, DateTimeOffset Until);

    public IEnumerable<Destination> All => _byCluster.Values.SelectMany(cluster => cluster.Values);

    public FrozenDictionary<string, Destination> In(string? clusterId) =>
        clusterId is not null && _byCluster.TryGetValue(clusterId, out var destinations) ? destinations : FrozenDictionary<string, Destination>.Empty;

    /// <summary>
    /// What carries something that was begun there: the destination as it is now or, when it has left the configuration or moved to another address, as it was.
    /// Its key goes to no other address.
    /// </summary>
    public Destination? At(string address, string clusterId, string name) =>
        In(clusterId).GetValueOrDefault(name) is { } now && now.Address.AbsoluteUri == address
            ? now
            : Array.Find(_retired, retired => retired.Destination.Address.AbsoluteUri == address && IsCalled(retired.Destination, clusterId, name))?.Destination;

    /// <summary>Whether requests to the cluster may carry a credential, so that everything around them must be protected.</summary>
    public bool HoldCredential(string? clusterId) => In(clusterId).Values.Any(destination => destination.Credential is not null);

    /// <param name="clusters">The candidate's clusters.</param>
    /// <param name="credentials">The candidate's credentials, by name.</param>
    /// <param name="previous">The destinations in force; one that is the same resource goes on with what has been learnt about it.</param>
    /// <param name="time">The clock of its health.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static Destinations Read(
        IEnumerable<ClusterConfig> clusters, IReadOnlyDictionary<string, ICredential> credentials, Destinations? previous, TimeProvider time, ConfigurationFaults faults) =>
        new(
            clusters.ToFrozenDictionary(cluster => cluster.ClusterId, cluster => ReadCluster(cluster, credentials, previous, time, faults), StringComparer.OrdinalIgnoreCase),
            previous,
            time.GetUtcNow());

    private static FrozenDictionary<string, Destination> ReadCluster(
        ClusterConfig cluster, IReadOnlyDictionary<string, ICredential> credentials, Destinations? previous, TimeProvider time, ConfigurationFaults faults)
    {
        var rules = ClusterRules.Read(cluster, faults);
        return (cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            .Select(pair => new DestinationReader(cluster, pair.Key, pair.Value, credentials, faults).Read(rules, previous, time))
            .OfType<Destination>()
            .ToFrozenDictionary(destination => destination.Name, StringComparer.OrdinalIgnoreCase);
    }

    // The present ones begin to retire now.
    private IEnumerable<Retired> StillHere(DateTimeOffset until) => All.Select(destination => new Retired(destination, until)).Concat(_retired);

    private bool Has(Destination destination) => In(destination.Cluster).GetValueOrDefault(destination.Name)?.Address == destination.Address;

    private static bool IsCalled(Destination destination, string clusterId, string name) =>
        destination.Cluster.Equals(clusterId, StringComparison.OrdinalIgnoreCase) && destination.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
