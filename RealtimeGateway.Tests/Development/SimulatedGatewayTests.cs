using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Development;

public sealed class SimulatedGatewayTests
{
    [Fact]
    public async Task Development_without_an_upstream_mints_on_the_simulator_and_says_how_to_use_a_real_resource()
    {
        await using var gateway = Gateway.Start(new Dictionary<string, string?> { ["Simulator:Url"] = FreeAddress() });

        using var response = await gateway.MintAsync("""{"model":"gpt-realtime","voice":"alloy"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var session = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        Assert.Equal(["id", "object", "model", "voice", "expires_at", "client_secret", "webrtc_url"], session.Select(member => member.Key));
        Assert.StartsWith("ek_", (string?)session["client_secret"]!["value"], StringComparison.Ordinal);
        var line = Assert.Single(gateway.Logs.GetSnapshot(), record => record.Message.Contains("simulator stands in", StringComparison.Ordinal)).Message;
        Assert.Contains("set AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY and AZURE_OPENAI_DEPLOYMENT", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_simulator_takes_what_the_gateway_sends_in_both_dialects(bool preview)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await using var gateway = StartWith(azure, preview);

        gateway.Announce("deprecated");
        using var response = await gateway.MintAsync("""{"voice":"cedar"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("simulated", await response.VisibleAsync(), StringComparison.OrdinalIgnoreCase);
    }

    public static TheoryData<string, int, string> Faults => new()
    {
        { """{"effect":"hang"}""", 504, "upstream_timeout" },
        { """{"effect":"late","delayMs":60000}""", 504, "upstream_timeout" },
        { """{"effect":"hangMidBody"}""", 504, "upstream_timeout" },
        { """{"effect":"reset"}""", 502, "upstream_unavailable" },
        { """{"effect":"resetMidBody"}""", 502, "upstream_invalid_response" },
        { """{"effect":"truncated"}""", 502, "upstream_invalid_response" },
        { """{"effect":"cutJson"}""", 502, "upstream_invalid_response" },
        { """{"effect":"html"}""", 502, "upstream_invalid_response" },
        { """{"effect":"empty"}""", 502, "upstream_invalid_response" },
        { """{"effect":"garbage"}""", 502, "upstream_invalid_response" },
        { """{"effect":"oversized"}""", 502, "upstream_invalid_response" },
        { """{"effect":"truncatedGzip"}""", 502, "upstream_invalid_response" },
        { """{"effect":"missingId"}""", 502, "upstream_invalid_response" },
        { """{"effect":"status","status":401,"variant":"key"}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":401,"variant":"token"}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":401,"variant":"role"}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":403,"variant":"network"}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":404,"variant":"deployment"}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":431}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":302}""", 502, "upstream_misconfigured" },
        { """{"effect":"status","status":429,"retryAfter":3}""", 429, "upstream_rate_limited" },
        { """{"effect":"status","status":400,"variant":"contentFilter"}""", 400, "upstream_rejected" },
        { """{"effect":"status","status":502}""", 502, "upstream_unavailable" },
        { """{"effect":"gzip"}""", 200, "" },
        { """{"effect":"chunked"}""", 200, "" },
        { """{"effect":"created"}""", 200, "" },
        { """{"effect":"ok"}""", 200, "" },
        { """{"effect":"absoluteLocation"}""", 200, "" },
        { """{"effect":"nestedSecret"}""", 200, "" },
        { """{"effect":"extraMembers"}""", 200, "" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_breaks_upstream_the_caller_gets_a_session_or_a_clear_error(string fault, int status, string code)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await using var gateway = StartWith(azure, preview: false, status == 504 ? "00:00:01" : "00:00:20");
        using var injected = await azure.ControlAsync(HttpMethod.Post, "/faults", fault);
        Assert.Equal(HttpStatusCode.Created, injected.StatusCode);

        if (status != 200)
            gateway.Announce("answered", "Forwarding failed");

        using var response = await gateway.MintAsync();

        Assert.DoesNotContain("simulated", await response.VisibleAsync(), StringComparison.OrdinalIgnoreCase);
        if (status == 200)
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else
            await response.ShouldFailAsync(status, code, param: status == 400 ? "prompt" : null);
    }

    [Fact]
    public void Every_effect_of_the_simulator_is_tried() => Assert.Empty(FaultEffect.All
        .Select(effect => effect.Name)
        .Except(Faults.Select(row => (string)JsonNode.Parse(row.Data.Item1)!["effect"]!))
        .Except(["delay"])); // a slow answer in time is an ordinary one

    [Fact]
    public async Task A_taken_port_is_explained_by_the_setting_that_moves_the_simulator()
    {
        await using var azure = await SimulatedAzure.StartAsync();

        var failure = Assert.ThrowsAny<Exception>(() => Gateway.Start(new Dictionary<string, string?> { ["Simulator:Url"] = azure.Http.BaseAddress!.AbsoluteUri.TrimEnd('/') }));

        Assert.Contains("Simulator:Url", failure.Message, StringComparison.Ordinal);
    }

    private static Gateway StartWith(SimulatedAzure azure, bool preview, string timeout = "00:00:20") => Gateway.StartWith(
        azure.Http.BaseAddress!.AbsoluteUri,
        new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["AZURE_OPENAI_API_VERSION"] = preview ? "2025-04-01-preview" : "",
            ["AZURE_OPENAI_WEBRTC_URL"] = preview ? "https://region.example/v1/realtimertc" : "",
        },
        settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:Timeout", $"\"{timeout}\""));

    private static string FreeAddress()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
