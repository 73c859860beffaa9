namespace RealtimeGateway.Simulator;

/// <summary>
/// Leaves signals to the owner. The framework's lifetime would listen to SIGTERM itself, so that a simulator inside the gateway stopped
/// while the gateway still drains.
/// </summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
