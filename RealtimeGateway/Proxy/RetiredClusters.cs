using System.Collections.Concurrent;
using RealtimeGateway.Calls;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>Clusters that have left the configuration, and with them how to connect, for as long as calls may go on at their destinations.</summary>
internal sealed class RetiredClusters(TimeProvider time) : IClusterChangeListener
{
    private readonly ConcurrentDictionary<string, (ClusterModel Model, DateTimeOffset Until)> _byId = new(StringComparer.OrdinalIgnoreCase);

    public ClusterModel? Find(string id) => _byId.GetValueOrDefault(id).Model;

    public void OnClusterAdded(ClusterState cluster) => _byId.TryRemove(cluster.ClusterId, out _);

    public void OnClusterChanged(ClusterState cluster)
    {
    }

    public void OnClusterRemoved(ClusterState cluster)
    {
        var now = time.GetUtcNow();
        foreach (var (id, (_, until)) in _byId)
        {
            if (until < now)
                _byId.TryRemove(id, out _);
        }

        _byId[cluster.ClusterId] = (cluster.Model, now + Call.Longest);
    }
}
