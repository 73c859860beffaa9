using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>Hands a snapshot's routes and clusters to YARP and waits until they serve: YARP applies a change on its own time.</summary>
internal sealed class ProxyPublisher(InMemoryConfigProvider proxy, TimeProvider time) : IConfigChangeListener
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private bool _serving;
    private TaskCompletionSource _applied = new();

    /// <summary>Publishes. Before YARP has been mapped there is nothing to wait for: it starts with what it finds.</summary>
    public Task PublishAsync(Snapshot snapshot)
    {
        _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Update(snapshot.Routes, snapshot.Clusters, snapshot.Version);
        return _serving ? _applied.Task.WaitAsync(Patience, time) : Task.CompletedTask;
    }

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        _serving = true;
        _applied.TrySetResult();
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => _applied.TrySetException(exception);

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => _applied.TrySetException(exception);

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }
}
