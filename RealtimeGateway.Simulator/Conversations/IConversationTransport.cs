namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// One who takes part in a conversation: where its server events and the model's voice go. The conversation calls one method at a time and waits
/// for it, so that whoever may be slow has to queue by itself.
/// </summary>
internal interface IConversationTransport
{
    /// <summary>Sends one server event as JSON text.</summary>
    ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to play PCM16 mono little-endian at 24 kHz: all of one thing to say. The conversation itself keeps the time of the playback, so
    /// this returns when the audio is on its way, and the next does not come before this one has ended or was silenced.
    /// </summary>
    ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken);

    /// <summary>Stops what is playing.</summary>
    ValueTask SilenceAsync(CancellationToken cancellationToken);
}
