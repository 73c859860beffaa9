using System.Text.Json.Nodes;
using NJsonSchema;
using RealtimeGateway.Configuration;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Configuration;

public sealed class SettingsSchemaTests
{
    private const string Update = "UPDATE_SCHEMA=1 dotnet test --project RealtimeGateway.Tests -- --filter-class \"*SettingsSchemaTests\"";

    private static readonly string File = Path.Combine(Repository.Root, "appsettings.schema.json");

    private static readonly Dictionary<string, string?> Resource = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "https://resource.openai.azure.com",
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
    };

    [Fact]
    public async Task The_schema_says_what_the_classes_say()
    {
        var expected = SettingsSchema.Write();
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") is "1")
            await System.IO.File.WriteAllTextAsync(File, expected, TestContext.Current.CancellationToken);

        var actual = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken);

        Assert.True(expected == actual, $"appsettings.schema.json is out of date; write it anew with: {Update}");
    }

    [Fact]
    public async Task The_page_of_every_setting_says_what_the_classes_say()
    {
        const string Begin = "<!-- From here to the end this page is made from the classes of settings. -->\n";
        var page = Path.Combine(Repository.Root, "docs", "configuration.md");
        var text = await System.IO.File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        var expected = text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + SettingsReference.Write();
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") is "1")
            await System.IO.File.WriteAllTextAsync(page, expected, TestContext.Current.CancellationToken);
        else
            Assert.True(expected == text, $"docs/configuration.md is out of date; write it anew with: {Update}");
    }

    [Fact]
    public async Task The_shipped_settings_name_the_schema_and_keep_to_it()
    {
        var settings = await ShippedAsync();

        Assert.Equal("./appsettings.schema.json", (string?)settings["$schema"]);
        Assert.Empty(await FaultsAsync(settings));
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "Limitz", "{}" },
        { "ReverseProxy:Rutes", "{}" },
        { "ReverseProxy:Routes:sessions:Mach", "{}" },
        { "ReverseProxy:Routes:sessions:Match:Methodz", "[]" },
        { "ReverseProxy:Routes:sessions:RouteId", "\"x\"" },
        { "ReverseProxy:Routes:sessions:Timeout", "\"00:00:05\"" },
        { "ReverseProxy:Routes:sessions:Order", "\"first\"" },
        { "ReverseProxy:Routes:sessions:Metadata:Limits", "\"sessions\"" },
        { "ReverseProxy:Routes:sessions:Transforms:0", """{ "PathSett": "/x" }""" },
        { "ReverseProxy:Clusters:azureopenai:HttpClient", """{ "MaxConnections": 5 }""" },
        { "ReverseProxy:Clusters:azureopenai:HttpRequest", """{ "VersionPolicy": "newest" }""" },
        { "ReverseProxy:Clusters:azureopenai:Metadata", """{ "CircuitBrake": "00:00:05" }""" },
        { "DataProtection", """{ "KeyRings": "/keys" }""" },
        { "Realtime:Profiles:assistant:Way", "\"carrier\"" },
        { "Realtime:Profile", "{}" },
        { "Realtime:Profiles:assistant:Voise", "\"x\"" },
        { "Realtime:Profiles:assistant:SecretLifetimeSeconds", "5" },
        { "Realtime:Profiles:assistant:Models", "[]" },
        { "Realtime:Profiles:assistant:ClientMaySet:0", "\"temperature\"" },
        { "Realtime:Profiles:assistant:Tools:1:Name", "\"a b\"" },
        { "Realtime:Profiles:assistant:TurnDetection", """{ "Threshold": 2 }""" },
        { "Limits:sessions:Permits", "0" },
        { "Limits:sessions:Permits", "\"many\"" },
        { "Limits:sessions:Window", "\"soon\"" },
        { "Limits:sessions:Kind", "\"leaky_bucket\"" },
        { "Limits:sessions:Permitz", "1" },
        { "Callers:Kees", "{}" },
        { "Callers:Keys:web", """{ "Hush": "x" }""" },
        { "Callers:AllowAnonymous", "\"maybe\"" },
        { "Cors:app", """{ "Origin": "https://app.example" }""" },
        { "Inbound:MaxHeaders", "1" },
        { "Redis:Conection", "\"redis:6379\"" },
        { "Credentials:west", """{ "ApiKee": {} }""" },
        { "Credentials:west:ApiKey", """{ "Tertiary": "x" }""" },
        { "Secrets:Folder", "\"/x\"" },
        { "Management:Port", "0" },
        { "Simulator:Urll", "\"http://localhost:1\"" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task What_an_editor_marks_the_gateway_refuses_too(string path, string json)
    {
        var settings = await ShippedAsync();
        settings.Set(path, json);

        Assert.NotEmpty(await FaultsAsync(settings));
        Assert.Contains("fault(s)", Gateway.RefusalToStart(Resource, changed => changed.Set(path, json)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_SERVICE_NAME", "\"gateway\"")]
    [InlineData("Kestrel", """{ "Endpoints": { "web": { "Url": "https://*:443" } } }""")]
    [InlineData("ReverseProxy:Routes:sessions:Match:Headers", """[ { "Name": "x", "Values": [ "y" ], "Mode": "ExactHeader" } ]""")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "SslProtocols": [ "Tls12", "Tls13" ], "WebProxy": { "Address": "http://proxy:3128" } }""")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Destinations", """{ "west": { "Address": "https://w.example", "Metadata": { "Credential": "west", "Weight": 3, "Priority": "1" } } }""")]
    [InlineData("Realtime:Profiles:assistant:Tools:1:Parameters", "\"{ \\\"type\\\": \\\"object\\\" }\"")]
    [InlineData("Realtime:Profiles:assistant:TurnDetection", """{ "Type": "semantic_vad", "Eagerness": "low", "CreateResponse": false }""")]
    [InlineData("Limits:sessions", """{ "Kind": "sliding_window", "Permits": 5, "Window": "12:00:00", "By": "address", "WithoutRedis": "closed" }""")]
    [InlineData("Callers", """{ "Keys": { "web": { "Hash": "sha256:…", "Expires": "2030-12-31T00:00:00Z", "Profiles": [ "assistant" ] } }, "Jwt": { "entra": { "Authority": "https://i", "Audiences": [ "a" ], "ClockSkew": "00:01:00" } } }""")]
    [InlineData("Credentials", """{ "west": { "Entra": { "ClientId": "x" } }, "east": { "ApiKey": { "Primary": "a", "Secondary": "b" } } }""")]
    [InlineData("Proxies", """[ "10.0.0.0/8" ]""")]
    public async Task What_can_be_said_is_not_marked(string path, string json)
    {
        var settings = await ShippedAsync();
        settings.Set(path, json);

        Assert.Empty(await FaultsAsync(settings));
    }

    [Fact]
    public void Every_setting_of_the_gateways_own_is_described()
    {
        var undescribed = Settings(JsonNode.Parse(SettingsSchema.Write())!.AsObject(), "")
            .Where(setting => setting.Described["description"] is null && setting.Path.Split(':')[0] is var section
                && KnownSections.IsOwn(section) && (section != "ReverseProxy" || setting.Path.Contains(":Metadata:", StringComparison.Ordinal)))
            .Select(setting => setting.Path);

        Assert.Equal([], undescribed);
    }

    private static IEnumerable<(string Path, JsonObject Described)> Settings(JsonObject schema, string path)
    {
        foreach (var (name, described) in schema["properties"]?.AsObject() ?? [])
        {
            var own = path.Length == 0 ? name : $"{path}:{name}";
            yield return (own, described!.AsObject());
            foreach (var inner in Settings(described.AsObject(), own))
                yield return inner;
        }

        foreach (var item in new[] { schema["items"], schema["additionalProperties"] }.OfType<JsonObject>().SelectMany(item => Settings(item, $"{path}:*")))
            yield return item;
    }

    private static async Task<JsonNode> ShippedAsync() =>
        JsonNode.Parse(await System.IO.File.ReadAllTextAsync(Path.Combine(Repository.Root, "appsettings.json"), TestContext.Current.CancellationToken))!;

    private static async Task<IEnumerable<string>> FaultsAsync(JsonNode settings) =>
        (await JsonSchema.FromFileAsync(File, TestContext.Current.CancellationToken)).Validate(settings.ToJsonString()).Select(fault => fault.ToString());
}
