using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// The settings in force, in GA shape: of a session, or of one response that sets some of them otherwise. Updates merge as the service
/// does it: objects member by member, anything else is replaced, and so is an object whose <c>type</c> changes.
/// </summary>
internal sealed class SessionSettings(JsonObject json)
{
    /// <summary>A copy to put into an event.</summary>
    public JsonObject Json => json.DeepClone().AsObject();

    public string? Model => json["model"]?.GetValue<string>();

    public string Instructions => json["instructions"]?.GetValue<string>() ?? "";

    public bool Speaks => json["output_modalities"] is not JsonArray modalities || modalities.Any(one => one?.GetValue<string>() == "audio");

    public JsonNode? Voice => json["audio"]?["output"]?["voice"];

    /// <summary>Format and voice of the model's speech, as a response describes them.</summary>
    public JsonObject OutputJson => new()
    {
        ["format"] = json["audio"]?["output"]?["format"]?.DeepClone(),
        ["voice"] = Voice?.DeepClone(),
    };

    public AudioFormat InputFormat => FormatOf("input");

    public AudioFormat OutputFormat => FormatOf("output");

    public bool Transcribes => json["audio"]?["input"]?["transcription"] is not null;

    public TurnDetection? TurnDetection => TurnDetection.Of(json["audio"]?["input"]?["turn_detection"]);

    public JsonArray Tools => json["tools"] as JsonArray ?? [];

    public JsonNode? ToolChoice => json["tool_choice"];

    public bool CallsInParallel => json["parallel_tool_calls"]?.GetValue<bool>() ?? true;

    /// <summary>Null for "inf".</summary>
    public int? MaxOutputTokens => json["max_output_tokens"] is JsonValue value && value.TryGetValue<int>(out var tokens) ? tokens : null;

    /// <summary>Whether a change names another voice than the one in force.</summary>
    public bool ChangesVoice(JsonObject change) =>
        change["audio"]?["output"]?["voice"] is { } voice && !JsonNode.DeepEquals(voice, Voice);

    public SessionSettings With(JsonObject change)
    {
        var merged = Json;
        Merge(merged, change);
        return new(merged);
    }

    private AudioFormat FormatOf(string direction) => AudioFormat.Of(json["audio"]?[direction]?["format"]?["type"]?.GetValue<string>());

    private static void Merge(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing && IsSameKind(inner, existing)) Merge(existing, inner);
            else target[name] = value?.DeepClone();
        }
    }

    private static bool IsSameKind(JsonObject change, JsonObject existing) =>
        change["type"] is not { } type || JsonNode.DeepEquals(type, existing["type"]);
}
