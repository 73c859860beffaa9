using System.Text.Json.Nodes;
using NJsonSchema;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>The published JSON schemas of the realtime surface (TestData/realtime-schemas.json).</summary>
internal static class RealtimeSchemas
{
    private static readonly JsonNode Definitions =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TestData", "realtime-schemas.json")))!["definitions"]!;

    public static async Task<IReadOnlyList<string>> ViolationsAsync(string schema, JsonNode document)
    {
        var root = new JsonObject { ["$ref"] = $"#/definitions/{schema}", ["definitions"] = Definitions.DeepClone() };
        var compiled = await JsonSchema.FromJsonAsync(root.ToJsonString());
        return [.. compiled.ActualSchema.Validate(document.ToJsonString()).Select(error => error.ToString())];
    }

    /// <summary>The service sends null where the schemas of a session have no null branch.</summary>
    public static JsonNode WithoutNulls(JsonNode document)
    {
        if (document is JsonArray array) return new JsonArray([.. array.Select(item => item is null ? null : WithoutNulls(item))]);
        if (document is not JsonObject members) return document.DeepClone();
        return new JsonObject(members.Where(member => member.Value is not null)
            .Select(member => KeyValuePair.Create<string, JsonNode?>(member.Key, WithoutNulls(member.Value!))));
    }
}
