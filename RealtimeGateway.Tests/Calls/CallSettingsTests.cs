using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>What the configuration says about calls, and what it may not say.</summary>
public sealed class CallSettingsTests
{
    private static readonly Dictionary<string, string?> Resource = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "https://resource.openai.azure.com",
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
    };

    [Theory]
    [InlineData("ReverseProxy:Routes:calls:Transforms:1", """{ "SdpOffer": "nobody" }""", "SdpOffer \"nobody\" names no usable profile; known: assistant")]
    [InlineData("ReverseProxy:Routes:calls:Transforms:1", """{ "PathSet": "/x" }""", "SdpAnswer needs SdpOffer on the same route")]
    [InlineData("ReverseProxy:Routes:calls:Transforms:2", """{ "PathSet": "/x" }""", "SdpOffer needs SdpAnswer on the same route")]
    [InlineData("ReverseProxy:Routes:calls:Transforms:2", """{ "SdpAnswer": "sdp" }""", "SdpAnswer \"sdp\" must be one of: call")]
    [InlineData("ReverseProxy:Routes:calls:Transforms:1", """{ "SdpOffer": "assistant", "Session": "ignored" }""", "SdpOffer with Session \"ignored\" must be one of: replaced")]
    [InlineData("ReverseProxy:Routes:sdkclientsecrets:Transforms:1", """{ "SessionResponse": "secret" }""", "SessionResponse \"secret\" must be one of: session, ticket")]
    [InlineData("ReverseProxy:Routes:sdkclientsecrets:Transforms:0", """{ "SessionProfile": "assistant", "Session": "kept" }""", "SessionProfile with Session \"kept\" must be one of: replaced")]
    [InlineData("ReverseProxy:Routes:sdkclientsecrets:Match:Methods", """[ "POST", "GET" ]""", "SessionResponse \"ticket\" needs Match:Methods to be POST alone")]
    [InlineData("ReverseProxy:Routes:sessions:Transforms:1", """{ "SessionProfile": "assistant", "Session": "replaced" }""", "SessionProfile with Session needs SessionResponse \"ticket\" on the same route")]
    [InlineData("ReverseProxy:Routes:sdkrealtime:Transforms:1", """{ "SessionEvents": "assistant", "Session": "kept" }""", "SessionEvents with Session \"kept\" must be one of: replaced")]
    [InlineData("ReverseProxy:Routes:calls:Transforms:0", """{ "SessionProfile": "assistant" }""", "SdpOffer and SessionProfile exclude each other on one route")]
    [InlineData("ReverseProxy:Routes:calls:Match:Methods", """[ "POST", "PUT" ]""", "SdpOffer needs Match:Methods to be POST alone")]
    [InlineData("ReverseProxy:Routes:calls:Match:Path", "\"/calls/{name}\"", "belongs to the gateway itself")]
    [InlineData("ReverseProxy:Routes:calls:Match:Path", "\"/openai/v1/realtime/calls/{call}/hangup\"", "belongs to the gateway itself")]
    [InlineData("Realtime:Profiles:assistant:Way", "\"carrier\"", "Realtime:Profiles:assistant:Way = \"carrier\": must be one of token, relay")]
    [InlineData("DataProtection:KeyRing", "\"/nowhere/at/all\"", "DataProtection:KeyRing = \"/nowhere/at/all\": must be a folder that exists")]
    [InlineData("DataProtection:KeyRings", "\"x\"", "DataProtection:KeyRings: is not a known key; known here: KeyRing")]
    public void A_mistake_is_named(string path, string json, string expected) =>
        Assert.Contains(expected, Gateway.RefusalToStart(Resource, settings => settings.Set(path, json)), StringComparison.Ordinal);

    [Fact]
    public void A_route_to_a_cluster_without_credentials_begins_no_calls()
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?>(), settings =>
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", """{ "open": { "Address": "https://open.example" } }"""));

        Assert.Contains("SdpOffer needs a cluster whose destinations have a credential", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_event_filter_excludes_what_only_a_page_could_answer_and_names_both_settings()
    {
        var refusal = Gateway.RefusalToStart(Resource, settings =>
        {
            settings.Set("Realtime:Profiles:assistant:EventFilter", "true");
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "tools" ]""");
        });

        const string Filter = "Realtime:Profiles:assistant:EventFilter = \"true\": ";
        Assert.Contains(Filter + "hides function calls from the page, which alone could answer those of Realtime:Profiles:assistant:Tools", refusal, StringComparison.Ordinal);
        Assert.Contains(Filter + "hides function calls from the page, which alone could answer those that Realtime:Profiles:assistant:ClientMaySet lets it bring (tools)", refusal, StringComparison.Ordinal);
        Assert.Contains(Filter + "holds on the relay only; Realtime:Profiles:assistant:Way must be relay", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_gives_secrets_away_cannot_promise_the_event_filter()
    {
        var refusal = Gateway.RefusalToStart(Resource, settings =>
        {
            settings.Set("Realtime:Profiles:assistant", Filtered);
        });

        Assert.Contains("SessionProfile \"assistant\" has EventFilter, which only calls through the gateway can keep (SdpOffer)", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_event_filter_the_offer_asks_for_it_and_no_secret_is_given_away()
    {
        await using var azure = await CallingAzure.StartAsync();
        await using var gateway = Gateway.StartWith(azure.Url, change: settings => settings.Set("Realtime:Profiles:quiet", Filtered));

        await gateway.BeginCallAsync(path: "/calls?profile=quiet");
        await gateway.BeginCallAsync();

        Assert.Equal(["?webrtcfilter=on", ""], azure.Offers.Select(offer => offer.Query));
        using var session = await gateway.MintAsync(pathAndQuery: "/sessions?profile=quiet");
        await session.ShouldFailAsync(403, "forbidden", "profile");
        Assert.Equal(2, azure.Mints.Count);
    }

    [Fact]
    public async Task A_page_learns_the_way_that_its_profile_wants()
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1", change: settings => settings.Set("Realtime:Profiles:quiet", Filtered));

        using var response = await gateway.AskAsync("/profiles");

        var profiles = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["profiles"]!.AsArray();
        Assert.Equal(["token", "relay"], profiles.Select(profile => (string?)profile!["way"]));
    }

    [Fact]
    public async Task The_description_of_the_API_has_calls()
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");

        using var response = await gateway.AskAsync("/openapi/v1.json");

        var paths = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["paths"]!;
        var call = paths["/calls"]!["post"]!;
        Assert.NotNull(call["requestBody"]!["content"]!["application/sdp"]);
        Assert.NotNull(call["responses"]!["201"]!["content"]!["application/sdp"]);
        Assert.Equal(["get", "delete"], paths["/calls/{id}"]!.AsObject().Select(operation => operation.Key));
    }

    private const string Filtered = """{ "Models": [ "gpt-realtime" ], "Voices": [ "marin" ], "EventFilter": true, "Way": "relay" }""";
}
