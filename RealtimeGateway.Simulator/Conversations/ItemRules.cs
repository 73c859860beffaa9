using System.Text.Json;
using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>The shape of items that a client may add; which content a message may have depends on who says it.</summary>
internal static class ItemRules
{
    private static readonly Member[] Common =
        [new("id", Name), new("object", Word("realtime.item")), new("status", Word("completed", "incomplete", "in_progress"))];

    private static readonly string[] Pictures = ["data:image/png;base64,", "data:image/jpeg;base64,"];

    public static Rule Item(Surface surface) => Tagged(Cases(surface));

    /// <summary>An item, or the name of one that the conversation has.</summary>
    public static Rule ItemOrReference(Surface surface) =>
        Tagged([.. Cases(surface), ("item_reference", [new("id", Name, Required: true)])]);

    private static (string, Member[])[] Cases(Surface surface) =>
    [
        ("message", [.. Common, new("role", Word("system", "user", "assistant"), Required: true), new("content", List(Part(surface)), Required: true)]),
        ("function_call", [.. Common, new("call_id", Name), new("name", Name, Required: true), new("arguments", Text, Required: true)]),
        ("function_call_output", [.. Common, new("call_id", Name, Required: true), new("output", Text, Required: true)]),
    ];

    private static Rule Part(Surface surface) => Tagged(
        ("input_text", [new("text", Text, Required: true)]),
        ("input_audio", [new("audio", Base64, Required: true), new("transcript", OrNull(Text))]),
        ("input_image", [new("image_url", Picture, Required: true), new("detail", Word("auto", "low", "high"))]),
        (Said(surface), [new("text", Text, Required: true)]));

    private static Violation? Base64(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out _) ? null : Violation.Invalid(path, "base64-encoded audio bytes");

    private static Violation? Picture(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String && Pictures.Any(start => value.GetString()!.StartsWith(start, StringComparison.Ordinal))
            ? null
            : Violation.Invalid(path, "a data URI of a PNG or JPEG image, base64-encoded");

    /// <summary>The service takes no sound of the model's from a client, and from nobody the words of another.</summary>
    public static Violation? RoleFits(JsonElement item, string path, Surface surface)
    {
        if (!item.TryGetProperty("role", out var role)) return null;
        string[] allowed = role.GetString() switch
        {
            "system" => ["input_text"],
            "user" => ["input_text", "input_audio", "input_image"],
            _ => [Said(surface)],
        };
        var index = 0;
        foreach (var part in item.GetProperty("content").EnumerateArray())
        {
            if (!allowed.Contains(part.GetProperty("type").GetString())) return Violation.Invalid($"{path}.content[{index}].type", allowed);
            index++;
        }

        return null;
    }

    private static string Said(Surface surface) => surface == Surface.Ga ? "output_text" : "text";
}
