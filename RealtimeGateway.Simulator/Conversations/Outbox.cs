using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// What a step of the conversation wants done outside, in order: events, voice, silence. A step collects here without waiting; what it
/// collected is then carried out before the next step. Everything reaches everybody who is there at that moment.
/// </summary>
internal sealed class Outbox(Surface surface)
{
    private readonly Queue<Func<CancellationToken, ValueTask>> _effects = new();
    private readonly List<IConversationTransport> _present = [];

    public void Join(IConversationTransport transport) => _present.Add(transport);

    public void Leave(IConversationTransport transport) => _present.Remove(transport);

    /// <summary>Sends a server event, given as the GA surface has it, to everybody or to one alone.</summary>
    public void Emit(string type, JsonObject body, IConversationTransport? to = null)
    {
        IReadOnlyList<IConversationTransport> listeners = to is null ? _present : [to];
        if (listeners.Count == 0) return;
        body.Insert(0, "type", type);
        body.Insert(1, "event_id", Ids.Event());
        var spoken = surface == Surface.Ga ? body : PreviewEvents.FromGa(body);
        if (spoken?.ToJsonString() is not { } json) return;
        foreach (var listener in listeners) _effects.Enqueue(cancellationToken => listener.SendAsync(json, cancellationToken));
    }

    public void Play(ReadOnlyMemory<byte> pcm)
    {
        foreach (var listener in _present) _effects.Enqueue(cancellationToken => listener.PlayAsync(pcm, cancellationToken));
    }

    public void Silence()
    {
        foreach (var listener in _present) _effects.Enqueue(listener.SilenceAsync);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        while (_effects.TryDequeue(out var effect)) await effect(cancellationToken).ConfigureAwait(false);
    }
}
