using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Simulator;

public class CallsTests
{
    [Fact]
    public async Task An_offer_without_a_media_peer_is_told_how_to_open_one()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.CallAsync(await azure.MintSecretAsync());
        var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("no_media_peer", error["code"]!.GetValue<string>());
        Assert.Equal("server_error", error["type"]!.GetValue<string>());
        Assert.Contains($"Open {azure.Http.BaseAddress}peer/ in a browser", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_may_be_used_again_and_its_uses_are_counted()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        var (first, second) = (await azure.MintSecretAsync(), await azure.MintSecretAsync());

        foreach (var secret in new[] { first, second, first }) Assert.Equal(HttpStatusCode.Created, (await azure.CallAsync(secret)).StatusCode);

        Assert.Equal([1, 1, 2], (await azure.CallsAsync()).Select(call => (int)call["secretUse"]!));
    }

    [Fact]
    public async Task Calls_are_listed_with_what_they_are_and_become()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        var id = await azure.BeginCallAsync(query: "?webrtcfilter=on");

        azure.Time.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(new JsonObject
        {
            ["id"] = id,
            ["state"] = "live",
            ["ended"] = null,
            ["beganAt"] = "2030-01-01T12:00:00.25+00:00",
            ["seconds"] = 90,
            ["surface"] = "ga",
            ["deployment"] = "gpt-realtime",
            ["media"] = "none",
            ["filtered"] = true,
            ["sidebands"] = 0,
            ["secretUse"] = 1,
        }.ToJsonString(), Assert.Single(await azure.CallsAsync()).ToJsonString());
    }

    [Fact]
    public async Task A_call_with_a_media_peer_is_told_from_one_without()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        using var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = azure.BeginCallAsync();
        await peer.AnswerAsync();
        await calling;
        await azure.BeginCallAsync();

        Assert.Equal(["peer", "none"], (await azure.CallsAsync()).Select(call => (string?)call["media"]));
    }

    [Fact]
    public async Task Its_location_can_be_left_out()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        azure.Break(FaultEffect.MissingId, FaultOperation.Calls);

        using var response = await azure.CallAsync(await azure.MintSecretAsync());

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.StartsWith("v=0", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_last_ended_calls_are_remembered()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        var secret = await azure.MintSecretAsync();
        for (var i = 0; i <= LiveCalls.MostReports; i++)
        {
            using var call = await azure.CallAsync(secret);
            using var hangup = await azure.HangUpAsync(call.Headers.Location!.OriginalString.Split('/')[^1]);
        }

        await Eventually.ShouldAsync(async () => (await azure.CallsAsync()) is { Count: LiveCalls.MostReports } calls && (int)calls[0]["secretUse"]! == 2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ek_unknown")]
    [InlineData(SimulatedAzure.Key)]
    [InlineData(SimulatedAzure.Token)]
    public async Task Anything_but_an_issued_secret_is_refused(string? secret)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.CallAsync(secret);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(401, (await SimulatedAzure.JsonOfAsync(response))["statusCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_secret_is_refused_from_the_announced_second_on()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());
        var secret = answer["value"]!.GetValue<string>();
        var expiry = DateTimeOffset.FromUnixTimeSeconds(answer["expires_at"]!.GetValue<long>());

        azure.Time.SetUtcNow(expiry.AddTicks(-1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await azure.CallAsync(secret)).StatusCode);
        azure.Time.SetUtcNow(expiry);
        Assert.Equal(HttpStatusCode.Unauthorized, (await azure.CallAsync(secret)).StatusCode);
    }

    [Theory]
    [InlineData("application/json", SimulatedAzure.Offer, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", SimulatedAzure.Offer, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/sdp", "", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", "hello", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", " v=0", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp; charset=utf-8", SimulatedAzure.Offer, HttpStatusCode.ServiceUnavailable)]
    public async Task Only_an_offer_is_accepted(string contentType, string offer, HttpStatusCode status)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.CallAsync(await azure.MintSecretAsync(), offer, contentType);

        Assert.Equal(status, response.StatusCode);
        Assert.NotNull((await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]);
    }
}
