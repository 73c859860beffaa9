using System.Collections.Concurrent;
using RealtimeGateway.Calls;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor;

/// <summary>The calls that the doctor has begun at one resource. Whatever happens meanwhile, each is hung up; those that come late, too.</summary>
internal sealed class BegunCalls(HangUp hangUp, Resource resource)
{
    private const string Cause = "doctor";

    private readonly ConcurrentDictionary<string, object?> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Task<HttpResponseMessage>> _late = [];

    /// <summary>Calls that go on, as far as anybody knows.</summary>
    public int Left { get; private set; }

    /// <summary>The request, marked so that its answer is waited for when nobody else does any more: every answer to an offer is a call.</summary>
    public HttpRequestMessage Watch(HttpRequestMessage offer)
    {
        offer.Options.Set(UnbrokenHandler.Heir, _late.Add);
        return offer;
    }

    /// <summary>Takes a call that the service has begun. Its id there; empty when it named none, and nobody can hang up.</summary>
    public string Begin(HttpResponseMessage response)
    {
        var id = Call.UpstreamIdIn(response);
        if (id.Length == 0)
            Left++;
        else
            _open[id] = null;
        return id;
    }

    /// <summary>Why the call is over, or why it may not be.</summary>
    public async Task<(string? Over, UpstreamFailure? Failure)> EndAsync(string id)
    {
        var (over, failure) = await hangUp.EndAsync(resource.Destination, resource.Cluster, id, Cause, Cause);
        if (failure is null)
            _open.TryRemove(id, out _);
        return (over, failure);
    }

    /// <summary>Hangs up whatever is left. Nothing cancels it; each wait in it has an end.</summary>
    public async Task EndAllAsync()
    {
        foreach (var late in _late)
            await BeginAsync(late);
        foreach (var id in _open.Keys)
        {
            if ((await EndAsync(id)).Failure is not null)
                Left++;
        }
    }

    private async Task BeginAsync(Task<HttpResponseMessage> late)
    {
        try
        {
            using var response = await late;
            if (response.IsSuccessStatusCode)
                Begin(response);
        }
        // Nothing came of it; or, when the answer stayed away for long, nobody can know.
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            if (e is OperationCanceledException)
                Left++;
        }
    }
}
