using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>What a route with <c>SessionEvents</c> may say.</summary>
public sealed class SocketSettingsTests
{
    [Theory]
    [InlineData("Transforms", """[ { "SessionEvents": "nobody" } ]""", "SessionEvents \"nobody\" names no usable profile; known: assistant")]
    [InlineData("Transforms", """[ { "SessionEvents": "assistant" }, { "SessionProfile": "assistant" }, { "SessionResponse": "session" } ]""", "they need a route each")]
    [InlineData("Metadata:IdleTimeout", "\"00:00:09\"", "must be at least 00:00:10")]
    [InlineData("Metadata:IdleTimeout", "\"03:00:00\"", "must be a time span up to 01:00:00")]
    [InlineData("Metadata:IdleTimeout", "\"long\"", "must be a time span up to 01:00:00")]
    [InlineData("Match:Methods", """[ "POST" ]""", "is not forwarded with a credential; allowed: GET")]
    public void A_mistake_is_named(string path, string json, string rule)
    {
        var refusal = Gateway.RefusalToStart(Upstream, settings =>
        {
            settings.Set($"ReverseProxy:Routes:realtime:{path}", json);
        });

        Assert.Contains("ReverseProxy:Routes:realtime", refusal, StringComparison.Ordinal);
        Assert.Contains(rule, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_without_sockets_has_no_idle_timeout()
    {
        var refusal = Gateway.RefusalToStart(Upstream, settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:IdleTimeout", "\"00:01:00\""));

        Assert.Contains("ReverseProxy:Routes:sessions:Metadata:IdleTimeout", refusal, StringComparison.Ordinal);
        Assert.Contains("belongs to a route with SessionEvents", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Sockets_need_a_cluster_with_a_credential()
    {
        var refusal = Gateway.RefusalToStart(Upstream, settings =>
        {
            settings.Set("ReverseProxy:Clusters:own", """{ "Destinations": { "one": { "Address": "http://127.0.0.1:1" } } }""");
            settings.Set("ReverseProxy:Routes:realtime:ClusterId", "\"own\"");
        });

        Assert.Contains("SessionEvents needs a cluster whose destinations have a credential", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_preview_protocol_the_route_stays_and_has_no_destination()
    {
        await using var gateway = Gateway.StartWith(
            "http://127.0.0.1:1",
            new Dictionary<string, string?> { ["AZURE_OPENAI_API_VERSION"] = "2025-04-01-preview", ["AZURE_OPENAI_WEBRTC_URL"] = "https://rtc.example/v1" });
        gateway.Announce("deprecated");
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(
            new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, socket.HttpStatusCode);
    }

    [Fact]
    public async Task The_shipped_route_counts_as_minting_does_and_ends_what_is_idle()
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");
        var (sessions, sockets) = (gateway.Snapshot().Settings["sessions"], gateway.Snapshot().Settings["realtime"]);

        Assert.Equal(sessions.Limits!.Rules, sockets.Limits!.Rules);
        Assert.Equal(TimeSpan.FromMinutes(10), sockets.Socket!.IdleTimeout);
    }

    [Fact]
    public async Task The_description_says_how_a_socket_is_opened()
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");
        var description = JsonNode.Parse(await gateway.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;
        var operation = description["paths"]!["/realtime"]!.AsObject();

        Assert.Equal(["get"], operation.Select(member => member.Key));
        Assert.Equal(["profile", "model"], operation["get"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        Assert.Equal(["101", "default"], operation["get"]!["responses"]!.AsObject().Select(member => member.Key));
    }

    private static readonly Dictionary<string, string?> Upstream = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "http://127.0.0.1:1",
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
        ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
    };
}
