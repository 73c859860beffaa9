namespace RealtimeGateway.Simulator.Conversations;

/// <summary>How sound travels.</summary>
internal enum Medium
{
    /// <summary>Inside the events, base64 (WebSocket): <c>input_audio_buffer.append</c> in, <c>response.output_audio.delta</c> out.</summary>
    Events,

    /// <summary>Beside the events (WebRTC): the model's voice is played, and <c>output_audio_buffer.*</c> tells of the playback.</summary>
    Tracks,
}
