using Microsoft.Extensions.Hosting;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>Keeps the server listening after the order to stop, as long as the test looks at it.</summary>
internal sealed class HeldDoor : IHostedLifecycleService, IDisposable
{
    private readonly TaskCompletionSource _open = new();

    public Task StoppingAsync(CancellationToken cancellationToken) => _open.Task;

    public void Dispose() => _open.TrySetResult();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
