using System.Collections.Frozen;
using System.Text.Json;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>The events that still reach a browser when the call was set up with <c>webrtcfilter=on</c>, as Microsoft's documentation lists them.</summary>
internal static class EventFilter
{
    private static readonly FrozenSet<string> Passing = FrozenSet.Create(StringComparer.Ordinal,
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "conversation.item.input_audio_transcription.completed",
        "conversation.item.added",
        "conversation.item.created",
        "response.output_text.delta",
        "response.output_text.done",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.done");

    public static bool Passes(string serverEvent)
    {
        using var json = JsonDocument.Parse(serverEvent);
        return Passing.Contains(json.RootElement.GetProperty("type").GetString()!);
    }
}
