using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// The flat settings of the preview surface and the nested ones of GA: the same things under other names. A member that the table does
/// not name is called alike on both.
/// </summary>
internal static class PreviewSession
{
    private static readonly Row[] Rows =
    [
        new("modalities", ["output_modalities"], Modalities, FlatModalities),
        new("voice", ["audio", "output", "voice"]),
        new("speed", ["audio", "output", "speed"]),
        new("input_audio_format", ["audio", "input", "format"], Format, FlatFormat),
        new("output_audio_format", ["audio", "output", "format"], Format, FlatFormat),
        new("input_audio_transcription", ["audio", "input", "transcription"]),
        new("input_audio_noise_reduction", ["audio", "input", "noise_reduction"]),
        new("turn_detection", ["audio", "input", "turn_detection"]),
        new("max_response_output_tokens", ["max_output_tokens"]),
    ];

    private static readonly (string Flat, string Ga)[] Formats =
        [("pcm16", "audio/pcm"), ("g711_ulaw", "audio/pcmu"), ("g711_alaw", "audio/pcma")];

    public static JsonObject ToGa(JsonObject flat)
    {
        var ga = new JsonObject();
        foreach (var (name, value) in flat)
        {
            var row = Array.Find(Rows, row => row.Flat == name);
            if (row is null) ga[name] = value?.DeepClone();
            else Put(ga, row.Path, row.ToGa is null ? value?.DeepClone() : row.ToGa(value));
        }

        return ga;
    }

    public static JsonObject FromGa(JsonObject ga)
    {
        var flat = new JsonObject();
        foreach (var (name, value) in ga)
            if (name is not ("type" or "audio") && !Array.Exists(Rows, row => row.Path[0] == name)) flat[name] = value?.DeepClone();
        foreach (var row in Rows)
            if (Take(ga, row.Path, out var value)) flat[row.Flat] = row.FromGa is null ? value?.DeepClone() : row.FromGa(value);
        return flat;
    }

    private static void Put(JsonObject target, ReadOnlySpan<string> path, JsonNode? value)
    {
        foreach (var step in path[..^1])
        {
            if (target[step] is not JsonObject inner) target[step] = inner = [];
            target = inner;
        }

        target[path[^1]] = value;
    }

    private static bool Take(JsonObject source, ReadOnlySpan<string> path, out JsonNode? value)
    {
        JsonNode? node = source;
        foreach (var step in path[..^1]) node = (node as JsonObject)?[step];
        value = null;
        return node is JsonObject members && members.TryGetPropertyValue(path[^1], out value);
    }

    private static JsonNode Modalities(JsonNode? flat) =>
        new JsonArray(flat!.AsArray().Any(one => one!.GetValue<string>() == "audio") ? "audio" : "text");

    private static JsonNode FlatModalities(JsonNode? ga) =>
        ga!.AsArray().Any(one => one!.GetValue<string>() == "audio") ? new JsonArray("audio", "text") : new JsonArray("text");

    private static JsonNode Format(JsonNode? flat)
    {
        var type = Array.Find(Formats, row => row.Flat == flat!.GetValue<string>()).Ga;
        return type == "audio/pcm" ? new JsonObject { ["type"] = type, ["rate"] = 24_000 } : new JsonObject { ["type"] = type };
    }

    private static JsonNode FlatFormat(JsonNode? ga) => Array.Find(Formats, row => row.Ga == ga!["type"]!.GetValue<string>()).Flat;

    private sealed record Row(
        string Flat, string[] Path, Func<JsonNode?, JsonNode>? ToGa = null, Func<JsonNode?, JsonNode>? FromGa = null);
}
