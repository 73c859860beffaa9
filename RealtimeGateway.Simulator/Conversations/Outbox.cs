using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// What a step of the conversation wants done outside, in order: events, voice, silence. A step collects here without waiting; what it
/// collected is then carried out before the next step.
/// </summary>
internal sealed class Outbox(Surface surface, IConversationTransport transport)
{
    private readonly Queue<Func<CancellationToken, ValueTask>> _effects = new();

    /// <summary>Sends a server event, given as the GA surface has it.</summary>
    public void Emit(string type, JsonObject body)
    {
        body.Insert(0, "type", type);
        body.Insert(1, "event_id", Ids.Event());
        var spoken = surface == Surface.Ga ? body : PreviewEvents.FromGa(body);
        if (spoken?.ToJsonString() is { } json) _effects.Enqueue(cancellationToken => transport.SendAsync(json, cancellationToken));
    }

    public void Play(ReadOnlyMemory<byte> pcm) => _effects.Enqueue(cancellationToken => transport.PlayAsync(pcm, cancellationToken));

    public void Silence() => _effects.Enqueue(transport.SilenceAsync);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        while (_effects.TryDequeue(out var effect)) await effect(cancellationToken).ConfigureAwait(false);
    }
}
