using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using NJsonSchema;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>The published JSON schemas of the realtime surface (TestData/realtime-schemas.json).</summary>
internal static class RealtimeSchemas
{
    private static readonly JsonNode Definitions =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TestData", "realtime-schemas.json")))!["definitions"]!;

    private static readonly ConcurrentDictionary<string, Task<JsonSchema>> Compiled = new();

    private static readonly Dictionary<string, string> ServerEvents = Definitions.AsObject()
        .Where(definition => definition.Key.StartsWith("RealtimeServerEvent", StringComparison.Ordinal) && definition.Value!["properties"] is not null)
        .ToDictionary(definition => definition.Value!["properties"]!["type"]!["enum"]![0]!.GetValue<string>(), definition => definition.Key);

    public static async Task<IReadOnlyList<string>> ViolationsAsync(string schema, JsonNode document)
    {
        var compiled = await Compiled.GetOrAdd(schema, CompileAsync);
        return [.. compiled.ActualSchema.Validate(document.ToJsonString()).Select(error => error.ToString())];
    }

    /// <summary>What the schema of a server event forbids, and members that it does not name.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsOfEventAsync(JsonNode serverEvent)
    {
        if (!ServerEvents.TryGetValue(serverEvent["type"]!.GetValue<string>(), out var schema)) return [$"{serverEvent["type"]} is no server event"];
        var document = WithoutNulls(serverEvent);
        return [.. await ViolationsAsync(schema, document), .. Unknown(Definitions[schema]!, document, "")];
    }

    /// <summary>The service sends null where the schemas of a session have no null branch.</summary>
    public static JsonNode WithoutNulls(JsonNode document)
    {
        if (document is JsonArray array) return new JsonArray([.. array.Select(item => item is null ? null : WithoutNulls(item))]);
        if (document is not JsonObject members) return document.DeepClone();
        return new JsonObject(members.Where(member => member.Value is not null)
            .Select(member => KeyValuePair.Create<string, JsonNode?>(member.Key, WithoutNulls(member.Value!))));
    }

    private static Task<JsonSchema> CompileAsync(string schema)
    {
        var needed = new JsonObject();
        Collect(schema, needed);
        var root = new JsonObject { ["$ref"] = $"#/definitions/{schema}", ["definitions"] = needed };
        return JsonSchema.FromJsonAsync(root.ToJsonString());
    }

    private static void Collect(string name, JsonObject needed)
    {
        if (needed.ContainsKey(name)) return;
        needed[name] = Definitions[name]!.DeepClone();
        foreach (var reference in References(Definitions[name])) Collect(reference, needed);
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonArray array => array.SelectMany(References),
        JsonObject members => members.SelectMany(member =>
            member.Key == "$ref" ? [member.Value!.GetValue<string>().Split('/')[^1]] : References(member.Value)),
        _ => [],
    };

    private static IEnumerable<string> Unknown(JsonNode schema, JsonNode document, string path)
    {
        var branches = Branches(schema, document).ToList();
        if (document is JsonArray items)
        {
            return branches.Select(branch => branch["items"]).OfType<JsonNode>().Take(1)
                .SelectMany(each => items.SelectMany((item, index) => Unknown(each, item!, $"{path}[{index}]")));
        }

        if (document is not JsonObject members || !branches.Exists(branch => branch["properties"] is not null)) return [];
        return members.SelectMany(member =>
            branches.Select(branch => branch["properties"]?[member.Key]).OfType<JsonNode>().FirstOrDefault() is { } known
                ? Unknown(known, member.Value!, $"{path}/{member.Key}")
                : [$"{path}/{member.Key} is unknown"]);
    }

    /// <summary>The schemas that describe a value: behind references, and of alternatives those whose fixed words fit.</summary>
    private static IEnumerable<JsonNode> Branches(JsonNode schema, JsonNode document)
    {
        if (schema["$ref"] is { } reference) return Branches(Definitions[reference.GetValue<string>().Split('/')[^1]]!, document);
        var alternatives = new[] { "anyOf", "oneOf", "allOf" }.SelectMany(kind => schema[kind] as JsonArray ?? []);
        return alternatives.SelectMany(branch => Branches(branch!, document)).Where(branch => Fits(branch, document)).Prepend(schema);
    }

    private static bool Fits(JsonNode schema, JsonNode document) => (schema["properties"] as JsonObject ?? []).All(property =>
        property.Value!["enum"] is not JsonArray words || document is not JsonObject members || members[property.Key] is not { } value ||
        words.Any(word => JsonNode.DeepEquals(word, value)));
}
