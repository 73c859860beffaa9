using System.Buffers;
using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Judges what a caller sends. Default-deny: known events with known members, and of what a profile decides only what its <c>ClientMaySet</c>
/// lists. But for audio an event is never passed on as it came: it is written anew from what was understood, so that the service cannot
/// understand anything else.
/// </summary>
/// <param name="replaces">Whether the profile's values stand in for what a <c>session.update</c> may not set.</param>
internal sealed class CallerEvents(RequestedSession session, bool replaces = false)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = InboundOptions.MaxJsonDepth };
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Events that decide nothing about the session, with their own members. The values are texts and numbers, and the service's to judge.</summary>
    private static readonly FrozenDictionary<string, string[]> Simple = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["input_audio_buffer.append"] = ["audio"],
        ["input_audio_buffer.commit"] = [],
        ["input_audio_buffer.clear"] = [],
        ["output_audio_buffer.clear"] = [],
        ["conversation.item.retrieve"] = ["item_id"],
        ["conversation.item.delete"] = ["item_id"],
        ["conversation.item.truncate"] = ["item_id", "content_index", "audio_end_ms"],
        ["response.cancel"] = ["response_id"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public Judgement Judge(ReadOnlyMemory<byte> message)
    {
        if (AudioAppend.Is(message.Span))
            return Judgement.Pass(message);
        string? eventId = null;
        try
        {
            using var json = JsonDocument.Parse(message, Strict);
            if (json.RootElement.ValueKind is not JsonValueKind.Object)
                return Judgement.Refuse(NoEvent, eventId);
            var error = ReadEventId(json.RootElement, out eventId);
            var copy = new ArrayBufferWriter<byte>(message.Length + 64);
            using var writer = new Utf8JsonWriter(copy, Plain);
            error ??= Copy(json.RootElement, eventId, writer);
            writer.Flush();
            return error is null ? Judgement.Pass(copy.WrittenMemory) : Judgement.Refuse(error, eventId);
        }
        // InvalidOperationException: a text with half a surrogate pair, which parses and then cannot be read.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Judgement.Refuse(NoEvent, eventId);
        }
    }

    private static GatewayError NoEvent => GatewayError.InvalidJson.Saying("An event must be one JSON object that names no member twice.");

    private static GatewayError? ReadEventId(JsonElement root, out string? eventId)
    {
        eventId = root.TryGetProperty("event_id"u8, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        if (eventId is null ? value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null : eventId.Length <= AudioAppend.MaxEventId)
            return null;
        eventId = null;
        return GatewayError.InvalidValue.About("event_id", $"event_id must be a text of at most {AudioAppend.MaxEventId} characters.");
    }

    private GatewayError? Copy(JsonElement root, string? eventId, Utf8JsonWriter writer)
    {
        var type = root.TryGetProperty("type"u8, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (eventId is not null)
            writer.WriteString("event_id"u8, eventId);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is not ("type" or "event_id") && CopyMember(type, member, writer) is { } error)
                return error;
        }

        writer.WriteEndObject();
        return Simple.ContainsKey(type) || IsInspected(type) ? null : Unknown;
    }

    private GatewayError? CopyMember(string type, JsonProperty member, Utf8JsonWriter writer) => (type, member.Name) switch
    {
        ("session.update", "session") => new CallersSettings(session, replaces).CopySession(member.Value, writer),
        ("response.create", "response") => CallersResponse.Copy(member.Value, session, writer),
        ("conversation.item.create", "item") => CallersItem.Copy(member, session, writer),
        ("conversation.item.create", "previous_item_id") => CopyScalar(member, writer),
        var (_, name) when Simple.TryGetValue(type, out var members) => members.Contains(name) ? CopyScalar(member, writer) : NotAllowed(name),
        var (_, name) => IsInspected(type) ? NotAllowed(name) : Unknown,
    };

    private static bool IsInspected(string type) => type is "session.update" or "response.create" or "conversation.item.create";

    private static GatewayError? CopyScalar(JsonProperty member, Utf8JsonWriter writer)
    {
        if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            return GatewayError.InvalidValue.About(member.Name, $"{member.Name} must be a text or a number.");
        member.WriteTo(writer);
        return null;
    }

    private static GatewayError Unknown => GatewayError.InvalidValue.About("type", "There is no such event for a caller to send.");

    private static GatewayError NotAllowed(string name) => GatewayError.FieldNotAllowed.About(name, "This event does not have such a member.");
}
