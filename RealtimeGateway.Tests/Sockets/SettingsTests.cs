using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>What a route with <c>SessionEvents</c> may say.</summary>
public sealed class SettingsTests
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
            settings.Set("ReverseProxy:Routes:realtime", SocketGateway.Route);
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
    public void Sockets_need_a_destination_that_speaks_the_GA_protocol()
    {
        var refusal = Gateway.RefusalToStart(
            new Dictionary<string, string?>(Upstream) { ["AZURE_OPENAI_API_VERSION"] = "2025-04-01-preview", ["AZURE_OPENAI_WEBRTC_URL"] = "https://rtc.example/v1" },
            settings => settings.Set("ReverseProxy:Routes:realtime", SocketGateway.Route));

        Assert.Contains("SessionEvents needs a cluster with a destination that has a credential and speaks the GA protocol", refusal, StringComparison.Ordinal);
    }

    private static readonly Dictionary<string, string?> Upstream = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "http://127.0.0.1:1",
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
        ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
    };
}
