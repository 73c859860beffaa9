using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace RealtimeGateway.Tests.Deployment;

/// <summary>The files of a deployment, read for a test that compares them.</summary>
internal static partial class Shipped
{
    public static JsonObject Compose { get; } = Yaml("docker-compose.yml");

    public static IEnumerable<KeyValuePair<string, JsonNode?>> Services => Compose["services"]!.AsObject();

    public static string Dockerfile { get; } = Text("Dockerfile");

    /// <summary>What the image sets in the environment.</summary>
    public static Dictionary<string, string> ImageVariables { get; } = Variable()
        .Matches(Dockerfile[Dockerfile.IndexOf("\nENV ", StringComparison.Ordinal)..Dockerfile.IndexOf("\nUSER ", StringComparison.Ordinal)])
        .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value, StringComparer.Ordinal);

    public static string Text(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    /// <summary>A YAML file with its anchors and merged keys resolved; fails on a key that stands twice.</summary>
    public static JsonObject Yaml(string path)
    {
        var graph = new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(Text(path)))));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().DisableAliases().Build().Serialize(graph))!.AsObject();
    }

    /// <summary>The one match of a pattern in a file, or its group.</summary>
    public static string One(string path, string pattern) =>
        Assert.Single(Regex.Matches(Text(path), pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(1))).Groups[1].Value;

    public static string[] All(string path, string pattern) =>
        [.. Regex.Matches(Text(path), pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Select(match => match.Groups[1].Value)];

    public static string[] Strings(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(item => (string)item!)];

    public static string[] Keys(JsonNode? map) => [.. (map?.AsObject() ?? []).Select(pair => pair.Key)];

    [GeneratedRegex(@"(?:ENV|^)\s+(?<name>\w+)=(?<value>[^\s\\]*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();
}
