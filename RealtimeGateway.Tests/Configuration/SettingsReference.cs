using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Configuration;

/// <summary>Every setting that the schema describes, as tables of a page that people read.</summary>
internal static class SettingsReference
{
    public static string Write()
    {
        var page = new StringBuilder();
        foreach (var section in SettingsOf(JsonNode.Parse(SettingsSchema.Write())!.AsObject(), "").GroupBy(setting => SectionOf(setting.Path)))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n**`{section.Key}`**\n\n| setting | default | meaning |\n|---|---|---|\n");
            foreach (var (path, described) in section)
                page.Append(CultureInfo.InvariantCulture, $"| `{path}` | {Default(described)} | {Meaning(described)} |\n");
        }

        return page.ToString();
    }

    private static string SectionOf(string path) => path.StartsWith("AZURE_OPENAI_", StringComparison.Ordinal) ? "AZURE_OPENAI_*" : path.Split(':')[0];

    // Settings of the frameworks have no description: their own documentation has.
    private static IEnumerable<(string Path, JsonObject Described)> SettingsOf(JsonObject schema, string path)
    {
        foreach (var (name, value) in schema["properties"]?.AsObject() ?? [])
        {
            var (key, described) = (path.Length == 0 ? name : $"{path}:{name}", value!.AsObject());
            var below = Below(described, key).ToList();
            if (below.Count == 0 && described["description"] is not null && name is not "$schema")
                yield return (key, described);
            foreach (var setting in below)
                yield return setting;
        }
    }

    private static IEnumerable<(string Path, JsonObject Described)> Below(JsonObject described, string key) =>
        SettingsOf(described, key)
            .Concat(described["additionalProperties"] is JsonObject named ? SettingsOf(named, $"{key}:{{name}}") : [])
            .Concat(described["items"] is JsonObject item ? SettingsOf(item, $"{key}:{{n}}") : []);

    private static string Default(JsonObject described) => described["default"] is { } value ? $"`{value.ToJsonString(Plain).Trim('"')}`" : "–";

    private static string Meaning(JsonObject described)
    {
        var meaning = new List<string> { ((string)described["description"]!).Replace("|", "\\|", StringComparison.Ordinal) };
        if (described["enum"] is JsonArray words)
            meaning.Add($"One of {string.Join(", ", words.Select((word, index) => described["enumDescriptions"] is JsonArray texts ? $"`{word}` ({((string)texts[index]!).TrimEnd('.')})" : $"`{word}`"))}.");
        if (described["minimum"] is { } least && described["maximum"] is { } most)
            meaning.Add(string.Create(CultureInfo.InvariantCulture, $"{(double)least:0.##} to {(double)most:0.##}."));
        if (described["type"] is JsonValue type && (string?)type is "array")
            meaning.Add("A list.");
        return string.Join(' ', meaning);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
