using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Simulator;

public sealed partial class PeerTests
{
    private const string Mine = "AA:01:02";
    private const string Other = "BB:03:04";

    [Fact]
    public async Task An_offer_is_answered_by_the_peer_with_201_and_a_location()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = await ScriptedPeer.ConnectAsync(azure);

        var calling = azure.CallAsync(await azure.MintSecretAsync());
        Assert.Equal(SimulatedAzure.Offer, await peer.AnswerAsync());
        using var response = await calling;

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(ScriptedPeer.Answer, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Matches(CallLocation(), response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task The_preview_address_is_answered_too_when_it_names_the_deployment()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = await ScriptedPeer.ConnectAsync(azure);
        var secret = (string)(await SimulatedAzure.JsonOfAsync(await azure.MintPreviewAsync()))["client_secret"]!["value"]!;

        using var wrong = await azure.CallAsync(secret, path: "/v1/realtimertc?model=another");
        var calling = azure.CallAsync(secret, path: "/v1/realtimertc?model=gpt-realtime");
        await peer.AnswerAsync();
        using var response = await calling;

        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task Two_browsers_never_cross()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var other = await ScriptedPeer.ConnectAsync(azure, Other);
        using var mine = await ScriptedPeer.ConnectAsync(azure, Mine);
        var secret = await azure.MintSecretAsync();

        var calling = azure.CallAsync(secret, OfferOf(Mine));
        await mine.AnswerAsync();
        using var answered = await calling;
        using var unanswered = await azure.CallAsync(secret, OfferOf("CC:05:06"));

        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unanswered.StatusCode);
    }

    [Fact]
    public async Task A_peer_without_a_tag_answers_who_has_none_and_only_once()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = await ScriptedPeer.ConnectAsync(azure);
        var secret = await azure.MintSecretAsync();

        var calling = azure.CallAsync(secret, OfferOf(Mine));
        await peer.AnswerAsync();
        using var answered = await calling;
        using var second = await azure.CallAsync(secret, OfferOf(Mine));

        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_cannot_answer_is_a_server_error(bool saysSo)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var peer = await ScriptedPeer.ConnectAsync(azure);

        var calling = azure.CallAsync(await azure.MintSecretAsync());
        await peer.ReceiveAsync();
        if (saysSo)
            await peer.SendAsync(new() { ["type"] = "refused", ["message"] = "no codec" });
        else
            peer.Dispose();
        using var response = await calling;
        peer.Dispose();

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("media_peer_failed", (string?)(await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]);
    }

    [Fact]
    public async Task The_conversation_begins_when_the_data_channel_opens()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        using var peer = await CallAsync(azure);

        await peer.SendAsync(new() { ["type"] = "open" });
        Assert.Equal("session.created", await peer.EventAsync());
        await peer.SendEventAsync("""{"type":"response.create"}""");

        Assert.Equal("response.created", await peer.EventAsync());
    }

    [Fact]
    public async Task With_webrtcfilter_on_only_the_documented_events_arrive()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        using var peer = await CallAsync(azure, "?webrtcfilter=on");

        await peer.SendAsync(new() { ["type"] = "open" });
        await peer.SendEventAsync("""{"type":"response.create"}""");

        Assert.Equal("conversation.item.added", await peer.EventAsync());
        Assert.Contains(await peer.EventAsync(), new[] { "output_audio_buffer.started", "response.output_audio_transcript.delta" });
    }

    [Fact]
    public async Task A_peer_that_cannot_hear_is_told_of_in_the_log()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = await CallAsync(azure);

        await peer.SendAsync(new() { ["type"] = "deaf", ["message"] = "NotAllowedError: " + new string('x', 1000) });

        await Eventually.ShouldAsync(() => azure.Log.Any(line => line.Contains("does not hear the microphone: NotAllowedError", StringComparison.Ordinal)));
        Assert.All(azure.Log, line => Assert.InRange(line.Length, 0, 400));
    }

    [Fact]
    public async Task A_mebibyte_is_taken_from_a_peer_and_more_than_that_is_not()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = await CallAsync(azure);
        await peer.SendAsync(new() { ["type"] = "open" });
        await peer.EventAsync();

        await peer.SendEventAsync(new string(' ', (1024 * 1024) - 100));
        Assert.Equal("error", await peer.EventAsync());
        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
        var sending = peer.SendEventAsync(new string(' ', 1024 * 1024));

        await Eventually.ShouldAsync(async () => (string?)Assert.Single(await azure.CallsAsync())["ended"] == "peer_left");
        await Task.WhenAny(sending); // a connection that was reset under it is as good
    }

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task A_page_of_another_origin_cannot_be_a_peer(string? origin)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = new ScriptedPeer();

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => peer.ConnectAsync(azure, "", origin));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_rebinds_its_name_to_this_machine_cannot_be_a_peer()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = new ScriptedPeer();

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => peer.ConnectAsync(azure, "", "http://evil.example", host: "evil.example"));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_simulator_stops_at_once_though_a_peer_waits_and_another_talks()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        using var talking = await CallAsync(azure);
        await talking.SendAsync(new() { ["type"] = "open" });
        Assert.Equal("session.created", await talking.EventAsync());
        using var waiting = await ScriptedPeer.ConnectAsync(azure);

        var stopping = azure.StopAsync();

        Assert.Equal("closed", (string?)(await waiting.ReceiveAsync())["type"]);
        await stopping.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken); // Kestrel would wait 30 s for a deaf socket
    }

    [Fact]
    public async Task The_peer_page_may_be_framed_by_pages_of_this_machine_only_and_is_not_recorded_as_a_request_to_Azure()
    {
        await using var azure = await SimulatedAzure.StartAsync();

        using var page = await azure.Http.GetAsync("/peer/", TestContext.Current.CancellationToken);

        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.EndsWith("frame-ancestors http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*", policy, StringComparison.Ordinal);
        Assert.Empty(azure.Received.All);
    }

    [Fact]
    public async Task A_page_elsewhere_may_post_its_offer()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, SimulatedAzure.Calls);
        preflight.Headers.Add("Origin", "http://localhost:8000");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");

        using var response = await azure.SendAsync(preflight);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("authorization,content-type", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
    }

    private static async Task<ScriptedPeer> CallAsync(SimulatedAzure azure, string query = "")
    {
        var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = azure.CallAsync(await azure.MintSecretAsync(), path: SimulatedAzure.Calls + query);
        await peer.AnswerAsync();
        using var response = await calling;
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return peer;
    }

    private static string OfferOf(string fingerprint) => $"{SimulatedAzure.Offer}a=fingerprint:sha-256 {fingerprint}\r\n";

    [GeneratedRegex("^/v1/realtime/calls/rtc_[0-9a-f]{24}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CallLocation();
}
