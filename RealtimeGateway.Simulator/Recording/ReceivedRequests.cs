namespace RealtimeGateway.Simulator.Recording;

/// <summary>What reached the simulated resource: the last thousand requests, oldest first, control requests left out.</summary>
public sealed class ReceivedRequests
{
    /// <summary>How many requests are kept.</summary>
    public const int MaxRequests = 1000;

    /// <summary>How much of a body is kept.</summary>
    public const int MaxBodyCharacters = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ReceivedRequest> _requests = new();
    private TaskCompletionSource<ReceivedRequest> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A snapshot, oldest first.</summary>
    public IReadOnlyList<ReceivedRequest> All
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    /// <summary>Keeps a request, and drops the oldest when there are too many.</summary>
    public void Record(ReceivedRequest request)
    {
        TaskCompletionSource<ReceivedRequest> awaited;
        lock (_gate)
        {
            if (_requests.Count == MaxRequests) _requests.Dequeue();
            _requests.Enqueue(request);
            awaited = _next;
            _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        awaited.SetResult(request);
    }

    /// <summary>The first request to arrive from now on: to be asked for before whatever causes it.</summary>
    public Task<ReceivedRequest> NextAsync()
    {
        lock (_gate) return _next.Task;
    }

    /// <summary>Starts over.</summary>
    public void Forget()
    {
        lock (_gate) _requests.Clear();
    }
}
