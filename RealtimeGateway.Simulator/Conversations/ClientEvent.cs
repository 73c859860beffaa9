using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>A client event in GA shape, or why it is none.</summary>
internal sealed record ClientEvent(string Type, JsonObject Body, string? EventId, Violation? Violation)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static ClientEvent Parse(string text, ClientEventRules rules, Surface surface)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return Read(document.RootElement, rules, surface);
        }
        // Not JSON at all; or text that is not Unicode, which shows only when it is read.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return Refused(null, Violation.Of("invalid_event", "The event is not valid JSON."));
        }
    }

    private static ClientEvent Read(JsonElement json, ClientEventRules rules, Surface surface)
    {
        if (json.ValueKind != JsonValueKind.Object) return Refused(null, Violation.Of("invalid_event", "The event is not a JSON object."));
        var eventId = json.TryGetProperty("event_id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        if (!json.TryGetProperty("type", out var type)) return Refused(eventId, Violation.Of("invalid_event", "The 'type' field is missing."));
        if (type.ValueKind != JsonValueKind.String) return Refused(eventId, Violation.Invalid("type", "a string"));
        if (rules.Check(json, type.GetString()!) is { } violation) return Refused(eventId, violation);
        ReadAllText(json);
        var body = JsonObject.Create(json.Clone())!;
        return new(type.GetString()!, surface == Surface.Ga ? body : PreviewEvents.ToGa(body), eventId, null);
    }

    private static void ReadAllText(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String) json.GetString();
        if (json.ValueKind == JsonValueKind.Array)
            foreach (var item in json.EnumerateArray()) ReadAllText(item);
        if (json.ValueKind != JsonValueKind.Object) return;
        foreach (var member in json.EnumerateObject())
        {
            _ = member.Name;
            ReadAllText(member.Value);
        }
    }

    private static ClientEvent Refused(string? eventId, Violation violation) => new("", [], eventId, violation);
}
