using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>Changes to a settings file, by path: <c>settings.Set("ReverseProxy:Routes:chat", "{…}")</c>.</summary>
internal static class Settings
{
    public static void Set(this JsonNode settings, string path, string json)
    {
        var keys = path.Split(':');
        var node = settings;
        foreach (var key in keys[..^1])
            node = node is JsonArray list ? list[int.Parse(key)]! : node[key] ??= new JsonObject();
        if (node is JsonArray array)
            array[int.Parse(keys[^1])] = JsonNode.Parse(json);
        else
            node[keys[^1]] = JsonNode.Parse(json);
    }

    /// <summary>Adds a transform to a route.</summary>
    public static void Transform(this JsonNode settings, string route, string json) =>
        settings["ReverseProxy"]!["Routes"]![route]!["Transforms"]!.AsArray().Add(JsonNode.Parse(json));

    /// <summary>The route that an operator adds with a few lines.</summary>
    public static void AddChatRoute(this JsonNode settings) => settings.Set("ReverseProxy:Routes:chat", """
        { "ClusterId": "azureopenai", "Match": { "Path": "/openai/v1/chat/completions", "Methods": [ "POST" ] } }
        """);
}
