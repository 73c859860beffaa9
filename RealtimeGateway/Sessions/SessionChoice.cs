using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealtimeGateway.Sessions;

/// <summary>What a caller has chosen, as the flat request that <see cref="SessionRequest"/> reads: the members that differ from the profile.</summary>
internal static class SessionChoice
{
    private static readonly JsonWriterOptions Short = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(RequestedSession session)
    {
        var profile = session.Profile;
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Short);
        writer.WriteStartObject();
        if (session.Model != profile.DefaultModel)
            writer.WriteString("model"u8, session.Model);
        if (session.Voice != profile.DefaultVoice)
            writer.WriteString("voice"u8, session.Voice);
        if (session.Instructions is { } instructions && !ReferenceEquals(instructions, profile.Options.Instructions))
            writer.WriteString("instructions"u8, instructions);
        if (session.OutputModality != profile.Options.OutputModality)
            WriteModality(writer, session.OutputModality);
        if (!ReferenceEquals(session.Tools, profile.Tools))
            WriteTools(writer, session.Tools);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteModality(Utf8JsonWriter writer, OutputModality modality)
    {
        writer.WriteStartArray("modalities"u8);
        writer.WriteStringValue(modality is OutputModality.Text ? "text"u8 : "audio"u8);
        writer.WriteEndArray();
    }

    private static void WriteTools(Utf8JsonWriter writer, byte[]? tools)
    {
        writer.WritePropertyName("tools"u8);
        writer.WriteRawValue(tools ?? "[]"u8.ToArray(), skipInputValidation: true); // read a moment ago
    }
}
