using System.Buffers;
using System.Text.Json;
using RealtimeGateway.Credentials;

namespace RealtimeGateway.Sessions;

/// <summary>
/// What the service answers to a minting request, reduced to what a caller needs. The rest of the answer (it echoes instructions, tools and
/// prompt) is skipped without being kept.
/// </summary>
internal sealed record MintedSession(string Id, EphemeralSecret Secret)
{
    /// <summary>
    /// Reads either shape: <c>{value, expires_at, session:{id}}</c> or <c>{id, client_secret:{value, expires_at}}</c>. <c>null</c> when it is not
    /// JSON or a part is missing.
    /// </summary>
    public static MintedSession? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
                return null;
            var parts = Parts.Read(ref reader);
            return !reader.Read() && parts is { Id.Length: > 0, Secret.Length: > 0, ExpiresAt: > 0 }
                ? new(parts.Id, new(parts.Secret, parts.ExpiresAt))
                : null;
        }
        // InvalidOperationException: a text with half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Writes the caller's answer: these seven members and nothing else.</summary>
    public ReadOnlyMemory<byte> WriteFor(RequestedSession requested, string webRtcUrl)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Plain);
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        writer.WriteString("object"u8, "realtime.session"u8);
        writer.WriteString("model"u8, requested.Model);
        writer.WriteString("voice"u8, requested.Voice);
        writer.WriteNumber("expires_at"u8, Secret.ExpiresAt);
        writer.WriteStartObject("client_secret"u8);
        writer.WriteString("value"u8, Secret.Value);
        writer.WriteNumber("expires_at"u8, Secret.ExpiresAt);
        writer.WriteEndObject();
        writer.WriteString("webrtc_url"u8, webRtcUrl);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static readonly JsonWriterOptions Plain = new() { SkipValidation = true };

    /// <summary>The members that count, wherever and in whatever order they stand.</summary>
    private sealed class Parts
    {
        private string? _id;
        private string? _value;
        private long _expiresAt;
        private Parts? _secret;
        private Parts? _session;

        public string? Id => _session?._id ?? _id;

        public string? Secret => _value ?? _secret?._value ?? _session?._secret?._value;

        // A session's own expires_at is 0 as long as it has not begun.
        public long ExpiresAt => _secret is { _expiresAt: > 0 } secret ? secret._expiresAt : _expiresAt;

        public static Parts Read(ref Utf8JsonReader reader)
        {
            var parts = new Parts();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("value"u8))
                    parts._value = ReadText(ref reader);
                else if (reader.ValueTextEquals("expires_at"u8))
                    parts._expiresAt = ReadNumber(ref reader);
                else if (reader.ValueTextEquals("id"u8))
                    parts._id = ReadText(ref reader);
                else if (reader.ValueTextEquals("client_secret"u8))
                    parts._secret = ReadNested(ref reader);
                else if (reader.ValueTextEquals("session"u8))
                    parts._session = ReadNested(ref reader);
                else
                    reader.Skip();
            }

            return parts;
        }

        private static Parts? ReadNested(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject)
                return Read(ref reader);
            reader.Skip();
            return null;
        }

        private static string? ReadText(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.String)
                return reader.GetString();
            reader.Skip();
            return null;
        }

        private static long ReadNumber(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var number))
                return number;
            reader.Skip();
            return 0;
        }
    }
}
