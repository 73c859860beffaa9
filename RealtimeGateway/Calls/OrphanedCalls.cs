using System.Collections.Concurrent;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Calls;

/// <summary>
/// Hangs up calls whose callers never got the answer, so that nobody pays for them. It goes on when the request is over; a process that shuts down waits for
/// it.
/// </summary>
internal sealed partial class OrphanedCalls(HangUp hangUp, LiveConfiguration live, ILogger<OrphanedCalls> logger) : IHostedService
{
    private const string Cause = "undelivered";

    private readonly ConcurrentDictionary<Task, object?> _tasks = new();

    /// <summary>Takes a call that the service has begun.</summary>
    public void Take(Destination destination, ClusterModel cluster, string upstreamId, string requestId) =>
        Track(EndAsync(destination, cluster, upstreamId, requestId));

    /// <summary>Takes an offer that is on its way, of which a call may come yet.</summary>
    public void Take(Destination destination, ClusterModel cluster, Task<HttpResponseMessage> exchange, string requestId) =>
        Track(AwaitAsync(destination, cluster, exchange, requestId));

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_tasks.Keys).WaitAsync(cancellationToken);

    private void Track(Task task)
    {
        _tasks[task] = null;
        _ = task.ContinueWith(ended => _tasks.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task AwaitAsync(Destination destination, ClusterModel cluster, Task<HttpResponseMessage> exchange, string requestId)
    {
        try
        {
            using var response = await exchange;
            if (response.IsSuccessStatusCode)
                await EndAsync(destination, cluster, Call.UpstreamIdIn(response), requestId);
        }
        // Nothing came of it; or, when the answer stayed away for long, nobody can know.
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            Log.Unanswered(logger, destination.Name, requestId);
        }
    }

    private async Task EndAsync(Destination destination, ClusterModel cluster, string upstreamId, string requestId)
    {
        if (upstreamId.Length == 0)
        {
            Log.GoesOn(logger, destination.Name, "it has no id", requestId);
            return;
        }

        var (_, failure) = await hangUp.EndAsync(AsItIsNow(destination), cluster, upstreamId, Cause, requestId);
        if (failure is null)
            Log.Ended(logger, destination.Name, requestId);
        else
            Log.GoesOn(logger, destination.Name, failure.Cause, requestId);
    }

    // Its key may have been replaced while the service thought. A resource that has left the configuration still carries its calls.
    private Destination AsItIsNow(Destination destination) =>
        live.Current.Destinations.At(destination.Address.AbsoluteUri, destination.Cluster, destination.Name) ?? destination;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A call at destination {Destination} was hung up: its answer reached nobody, request {RequestId}")]
        public static partial void Ended(ILogger logger, string destination, string requestId);

        [LoggerMessage(2, LogLevel.Error, "A call at destination {Destination}, whose answer reached nobody, could not be hung up ({Cause}) and may go on for an hour, request {RequestId}")]
        public static partial void GoesOn(ILogger logger, string destination, string cause, string requestId);

        [LoggerMessage(3, LogLevel.Information, "An offer to destination {Destination} was not answered before or after its caller had left, request {RequestId}")]
        public static partial void Unanswered(ILogger logger, string destination, string requestId);
    }
}
