using RealtimeGateway.Configuration;

namespace RealtimeGateway.Health;

/// <summary>
/// Whether this replica should get traffic: a configuration is loaded and the process is not shutting down. Nothing else counts, or one
/// throttled region would take every replica out of its load balancer.
/// </summary>
internal sealed class Readiness(LiveConfiguration live, Shutdown shutdown)
{
    public bool IsDraining => shutdown.Begun.IsCancellationRequested;

    public bool IsReady => live.IsLoaded && !IsDraining;
}
