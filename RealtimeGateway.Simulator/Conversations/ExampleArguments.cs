using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>Arguments that fit the parameters of a function which the simulated model knows nothing about.</summary>
internal static class ExampleArguments
{
    private const int MaxDepth = 8;

    public static string For(JsonNode? schema) => (schema is JsonObject ? Value(schema, MaxDepth) as JsonObject ?? [] : []).ToJsonString();

    private static JsonNode? Value(JsonNode? schema, int depth)
    {
        if (schema is not JsonObject || depth == 0) return null;
        if (schema["enum"] is JsonArray { Count: > 0 } choices) return choices[0]?.DeepClone();
        return TypeOf(schema) switch
        {
            "object" => Object(schema, depth),
            "array" => new JsonArray(),
            "integer" or "number" => 1,
            "boolean" => true,
            "null" => null,
            _ => "example",
        };
    }

    private static JsonObject Object(JsonNode schema, int depth)
    {
        var required = (schema["required"] as JsonArray ?? []).OfType<JsonValue>()
            .Select(name => name.TryGetValue<string>(out var text) ? text : "").ToHashSet();
        return new((schema["properties"] as JsonObject ?? []).Where(property => required.Contains(property.Key))
            .Select(property => KeyValuePair.Create(property.Key, Value(property.Value, depth - 1))));
    }

    private static string? TypeOf(JsonNode schema) =>
        schema["type"] is JsonValue value && value.TryGetValue<string>(out var type) ? type : schema["properties"] is null ? null : "object";
}
