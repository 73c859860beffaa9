namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// Where one conversation's server events and the model's voice go. The conversation calls one method at a time and waits for it.
/// </summary>
internal interface IConversationTransport
{
    /// <summary>Sends one server event as JSON text.</summary>
    ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to play PCM16 mono little-endian at 24 kHz, behind what is still playing. The conversation itself keeps the time of the
    /// playback, so this returns when the audio is on its way.
    /// </summary>
    ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken);

    /// <summary>Stops what is playing and forgets what waits behind it.</summary>
    ValueTask SilenceAsync(CancellationToken cancellationToken);
}
