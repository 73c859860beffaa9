using System.Text.Json;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Sessions;

/// <summary>The parts of a session that both dialects word alike; only the names of two members differ.</summary>
internal static class SessionJson
{
    public static void WriteTools(Utf8JsonWriter writer, RequestedSession session)
    {
        if (session.Tools is not { } tools)
            return;
        writer.WritePropertyName("tools"u8);
        writer.WriteRawValue(tools, skipInputValidation: true); // written by us, or parsed a moment ago
    }

    public static void WriteTranscription(Utf8JsonWriter writer, ReadOnlySpan<byte> name, TranscriptionOptions? transcription)
    {
        if (transcription is null)
            return;
        writer.WriteStartObject(name);
        writer.WriteString("model"u8, transcription.Model);
        if (transcription.Language is not null)
            writer.WriteString("language"u8, transcription.Language);
        if (transcription.Prompt is not null)
            writer.WriteString("prompt"u8, transcription.Prompt);
        writer.WriteEndObject();
    }

    public static void WriteNoiseReduction(Utf8JsonWriter writer, ReadOnlySpan<byte> name, NoiseReduction? reduction)
    {
        if (reduction is null)
            return;
        writer.WriteStartObject(name);
        writer.WriteString("type"u8, reduction is NoiseReduction.NearField ? "near_field"u8 : "far_field"u8);
        writer.WriteEndObject();
    }

    public static void WriteTurnDetection(Utf8JsonWriter writer, TurnDetectionOptions? turns)
    {
        if (turns is null)
            return;
        if (turns.Type is TurnDetectionType.None)
        {
            writer.WriteNull("turn_detection"u8);
            return;
        }

        writer.WriteStartObject("turn_detection"u8);
        writer.WriteString("type"u8, turns.Type is TurnDetectionType.ServerVad ? "server_vad"u8 : "semantic_vad"u8);
        if (turns.Threshold is { } threshold)
            writer.WriteNumber("threshold"u8, threshold);
        if (turns.PrefixPaddingMs is { } padding)
            writer.WriteNumber("prefix_padding_ms"u8, padding);
        if (turns.SilenceDurationMs is { } silence)
            writer.WriteNumber("silence_duration_ms"u8, silence);
        if (turns.IdleTimeoutMs is { } idle)
            writer.WriteNumber("idle_timeout_ms"u8, idle);
        if (turns.Eagerness is { } eagerness)
            writer.WriteString("eagerness"u8, WireName.Of(eagerness));
        if (turns.CreateResponse is { } create)
            writer.WriteBoolean("create_response"u8, create);
        if (turns.InterruptResponse is { } interrupt)
            writer.WriteBoolean("interrupt_response"u8, interrupt);
        writer.WriteEndObject();
    }
}
