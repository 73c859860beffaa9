using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Events of the service as a caller may see them. The service echoes the whole session, and its errors name resources: an allow-list keeps
/// instructions, tools, prompt, tracing and deployment inside, and texts of errors become ours.
/// </summary>
internal sealed class CallersView(RequestedSession session, Destination destination)
{
    public Destination Destination => destination;

    public string Profile => session.Profile.Name;

    /// <summary>The model's alias.</summary>
    public string Model => session.Model;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly Mask Format = new() { ["type"] = Mask.Value, ["rate"] = Mask.Value };

    private static readonly Mask Session = new()
    {
        ["type"] = Mask.Value,
        ["object"] = Mask.Value,
        ["id"] = Mask.Value,
        ["expires_at"] = Mask.Value,
        ["output_modalities"] = Mask.Value,
        ["audio"] = new()
        {
            ["input"] = new()
            {
                ["format"] = Format,
                ["noise_reduction"] = new() { ["type"] = Mask.Value },
                ["transcription"] = new() { ["language"] = Mask.Value },
                ["turn_detection"] = new()
                {
                    ["type"] = Mask.Value,
                    ["threshold"] = Mask.Value,
                    ["prefix_padding_ms"] = Mask.Value,
                    ["silence_duration_ms"] = Mask.Value,
                    ["idle_timeout_ms"] = Mask.Value,
                    ["eagerness"] = Mask.Value,
                    ["create_response"] = Mask.Value,
                    ["interrupt_response"] = Mask.Value,
                },
            },
            ["output"] = new() { ["format"] = Format, ["voice"] = Mask.Value, ["speed"] = Mask.Value },
        },
    };

    private static readonly Mask Response = new()
    {
        ["id"] = Mask.Value,
        ["object"] = Mask.Value,
        ["status"] = Mask.Value,
        ["status_details"] = new()
        {
            ["type"] = Mask.Value,
            ["reason"] = Mask.Value,
            ["error"] = new() { ["type"] = Mask.Value, ["code"] = Mask.Value },
        },
        ["output"] = Mask.Everything,
        ["conversation_id"] = Mask.Value,
        ["output_modalities"] = Mask.Value,
        ["audio"] = new() { ["output"] = new() { ["format"] = Format, ["voice"] = Mask.Value } },
        ["usage"] = Mask.Everything,
        ["metadata"] = Mask.Everything,
    };

    private static readonly Mask FailedTranscription = new() { ["item_id"] = Mask.Value, ["content_index"] = Mask.Value };

    /// <summary>An event of type <see cref="Passage.Rewrite"/>; <c>null</c> when it cannot be read.</summary>
    public ReadOnlyMemory<byte>? Of(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            var root = json.RootElement;
            return root.GetProperty("type"u8).GetString() switch
            {
                "session.created" or "session.updated" => OfSession(root, root.GetProperty("session"u8)),
                "response.created" or "response.done" => Write(root, writer => Response.Write("response", root.GetProperty("response"u8), writer)),
                "error" => Write(root, writer => WriteError(root.GetProperty("error"u8), "The realtime service refused an event", writer)),
                _ => Write(root, writer =>
                {
                    FailedTranscription.WriteMembers(root, writer);
                    WriteError(root.GetProperty("error"u8), "The realtime service could not transcribe this", writer);
                }),
            };
        }
        // Something is missing, of another kind, or half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The event <paramref name="root"/> with this session in place of its own.</summary>
    public ReadOnlyMemory<byte> OfSession(JsonElement root, JsonElement settings) => Write(root, writer =>
    {
        writer.WriteStartObject("session"u8);
        WriteSession(settings, session.Model, writer);
        writer.WriteEndObject();
    });

    /// <summary>Writes what may be seen of a session's settings, and the model by the name that the caller knows, into the object that is open.</summary>
    public static void WriteSession(JsonElement settings, string model, Utf8JsonWriter writer)
    {
        Session.WriteMembers(settings, writer);
        writer.WriteString("model"u8, model);
    }

    /// <summary>An error of the gateway's own, as an event.</summary>
    public static ReadOnlyMemory<byte> OfRefusal(GatewayError error, string? callersEventId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Plain);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteString("event_id"u8, $"event_{Guid.NewGuid():n}");
        WriteError(error.Type, error.Code, error.Message, error.Param, callersEventId, writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Write(JsonElement root, Action<Utf8JsonWriter> writeRest)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, Plain);
        writer.WriteStartObject();
        writer.WriteString("type"u8, root.GetProperty("type"u8).GetString());
        if (TextOf(root, "event_id"u8) is { } eventId)
            writer.WriteString("event_id"u8, eventId);
        writeRest(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private void WriteError(JsonElement error, string what, Utf8JsonWriter writer)
    {
        var code = UpstreamRefusal.CodeOf(TextOf(error, "code"u8), destination);
        WriteError(
            UpstreamRefusal.CodeOf(TextOf(error, "type"u8), destination) ?? "server_error",
            code,
            code is null ? $"{what}." : $"{what}: {code}.",
            UpstreamRefusal.ParamOf(TextOf(error, "param"u8), destination),
            TextOf(error, "event_id"u8) is { Length: <= AudioAppend.MaxEventId } eventId ? eventId : null,
            writer);
    }

    private static void WriteError(string type, string? code, string message, string? param, string? eventId, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, type);
        writer.WriteString("code"u8, code);
        writer.WriteString("message"u8, message);
        writer.WriteString("param"u8, param);
        writer.WriteString("event_id"u8, eventId);
        writer.WriteEndObject();
    }

    public static string? TextOf(JsonElement value, ReadOnlySpan<byte> name) =>
        value.TryGetProperty(name, out var text) && text.ValueKind is JsonValueKind.String ? text.GetString() : null;
}
