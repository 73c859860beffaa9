using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Tests.Infrastructure;
using static RealtimeGateway.Tests.Simulator.SocketClient;

namespace RealtimeGateway.Tests.Simulator;

public class SidebandTests
{
    private const string Hello =
        """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("api-key", SimulatedAzure.Key)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Key)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Token)]
    public async Task A_standing_credential_opens_it_and_the_session_comes_first(string header, string value)
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        using var sideband = await ConnectAsync(azure, PathOf(id), header, value, "realtime");

        var created = await NextAsync(sideband);
        Assert.Equal("session.created", Talk.TypeOf(created));
        Assert.Equal("be brief", created["session"]!["instructions"]!.GetValue<string>());
        Assert.Empty(await RealtimeSchemas.ViolationsOfEventAsync(created));
        Assert.Equal("realtime", sideband.SubProtocol);
        await CloseAsync(sideband);
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("api-key", "wrong", 401)]
    [InlineData("Authorization", "Bearer wrong", 401)]
    public async Task Nobody_else_gets_in(string? header, string? value, int status)
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();

        using var response = await HandshakeAsync(azure, PathOf(id), header, value);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_secret_that_opened_the_call_does_not_open_its_sideband()
    {
        await using var azure = await StartAsync();
        var secret = await azure.MintSecretAsync();
        using var call = await azure.CallAsync(secret);

        using var response = await HandshakeAsync(azure, PathOf(call.Headers.Location!.OriginalString.Split('/')[^1]), "Authorization", "Bearer " + secret);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(401, (await SimulatedAzure.JsonOfAsync(response))["statusCode"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("rtc_unknown")]
    [InlineData("")]
    public async Task An_unknown_call_is_not_found(string id)
    {
        await using var azure = await StartAsync();
        await azure.BeginCallAsync();

        await ExpectNotFoundAsync(azure, id);
    }

    [Fact]
    public async Task A_call_that_ended_is_not_found()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        await azure.HangUpAsync(id);

        await ExpectNotFoundAsync(azure, id);
    }

    [Fact]
    public async Task A_call_of_the_preview_surface_has_none()
    {
        await using var azure = await StartAsync();
        var secret = (string)(await SimulatedAzure.JsonOfAsync(await azure.MintPreviewAsync()))["client_secret"]!["value"]!;
        using var call = await azure.CallAsync(secret, path: "/v1/realtimertc?model=gpt-realtime");
        Assert.Equal(HttpStatusCode.Created, call.StatusCode);
        var id = (string)Assert.Single(await azure.CallsAsync())["id"]!;

        await ExpectNotFoundAsync(azure, id);
        Assert.Equal(HttpStatusCode.NotFound, (await azure.HangUpAsync(id)).StatusCode);
    }

    [Fact]
    public async Task An_api_version_left_over_a_model_and_a_request_that_is_no_handshake_are_refused()
    {
        await using var azure = await StartAsync();
        var path = PathOf(await azure.BeginCallAsync());

        using var versioned = await HandshakeAsync(azure, path + "&api-version=" + SimulatedAzure.PreviewVersion, "api-key", SimulatedAzure.Key);
        using var modelled = await HandshakeAsync(azure, path + "&model=gpt-realtime", "api-key", SimulatedAzure.Key);
        using var plain = new HttpRequestMessage(HttpMethod.Get, path);
        plain.Headers.Add("api-key", SimulatedAzure.Key);
        using var unasked = await azure.SendAsync(plain);

        Assert.Equal(HttpStatusCode.Unauthorized, versioned.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, modelled.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, unasked.StatusCode);
    }

    [Fact]
    public async Task A_turn_with_a_function_call_can_be_had_through_it()
    {
        await using var azure = await StartAsync();
        using var sideband = await AttachAsync(azure, await azure.BeginCallAsync());
        await SendAsync(sideband, """{"type":"session.update","session":{"type":"realtime","tools":""" + Talk.Tools + "}}");
        Assert.Equal("session.updated", Talk.TypeOf(await NextAsync(sideband)));
        await SendAsync(sideband, Hello.Replace("hello", "make the background blue", StringComparison.Ordinal));
        await SendAsync(sideband, """{"type":"response.create"}""");

        var turn = await UntilAsync(sideband, "response.done");
        var call = Assert.Single(Talk.CallsIn(turn));
        await SendAsync(sideband, "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"function_call_output\",\"call_id\":\"" + call.Id + "\",\"output\":\"ok\"}}");
        await SendAsync(sideband, """{"type":"response.create"}""");
        var answer = await UntilAsync(sideband, "response.done");

        Assert.Equal("I made the background blue.", Talk.Said(answer));
        foreach (var one in turn.Concat(answer)) Assert.Empty(await RealtimeSchemas.ViolationsOfEventAsync(one));
        await CloseAsync(sideband);
    }

    [Fact]
    public async Task Sound_does_not_travel_in_its_events()
    {
        await using var azure = await StartAsync();
        using var sideband = await AttachAsync(azure, await azure.BeginCallAsync());
        await SendAsync(sideband, """{"type":"input_audio_buffer.append","audio":"AAAA"}""");
        Assert.Equal("invalid_event", (await NextAsync(sideband))["error"]!["code"]!.GetValue<string>());
        await SendAsync(sideband, """{"type":"response.create"}""");

        var turn = await UntilAsync(sideband, "output_audio_buffer.stopped");

        Assert.Contains(turn, one => Talk.TypeOf(one) == "output_audio_buffer.started");
        Assert.DoesNotContain(turn, one => Talk.TypeOf(one) == "response.output_audio.delta");
        await CloseAsync(sideband);
    }

    [Fact]
    public async Task Browser_and_sideband_see_and_steer_the_same_conversation()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        var (peer, id) = await CallAsync(azure);
        using var _ = peer;
        using var sideband = await AttachAsync(azure, id);
        await peer.SendAsync(new() { ["type"] = "open" });
        Assert.Equal("session.created", await peer.EventAsync());

        await SendAsync(sideband, """{"type":"session.update","session":{"type":"realtime","instructions":"from the server"}}""");
        Assert.Equal("session.updated", await peer.EventAsync());
        Assert.Equal("from the server", (await NextAsync(sideband))["session"]!["instructions"]!.GetValue<string>());

        await peer.SendEventAsync(Hello);
        Assert.Equal("conversation.item.added", await peer.EventAsync());
        Assert.Equal("conversation.item.added", Talk.TypeOf(await NextAsync(sideband)));
        Assert.Equal("conversation.item.done", Talk.TypeOf(await NextAsync(sideband)));
        await CloseAsync(sideband);
    }

    [Fact]
    public async Task The_filter_is_for_the_browser_and_not_for_the_sideband()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        var (peer, id) = await CallAsync(azure, "?webrtcfilter=on");
        using var _ = peer;
        using var sideband = await AttachAsync(azure, id);
        await peer.SendAsync(new() { ["type"] = "open" });

        await peer.SendEventAsync("""{"type":"response.create"}""");
        var seen = await UntilAsync(sideband, "response.done");

        Assert.Contains("response.created", Talk.Types(seen));
        var passed = new List<string>();
        while (!passed.Contains("response.output_audio_transcript.done")) passed.Add(await peer.EventAsync());
        Assert.Equal(
            ["conversation.item.added", "output_audio_buffer.started", "response.output_audio_transcript.delta", "response.output_audio_transcript.done"],
            passed.Distinct());
        await CloseAsync(sideband);
    }

    [Fact]
    public async Task An_error_is_told_to_nobody_but_who_made_it()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        var (peer, id) = await CallAsync(azure);
        using var _ = peer;
        using var mistaken = await AttachAsync(azure, id);
        using var other = await AttachAsync(azure, id);
        await peer.SendAsync(new() { ["type"] = "open" });
        Assert.Equal("session.created", await peer.EventAsync());

        await SendAsync(mistaken, "nonsense");
        Assert.Equal("error", Talk.TypeOf(await NextAsync(mistaken)));
        await peer.SendEventAsync("nonsense");
        Assert.Equal("error", await peer.EventAsync());
        await SendAsync(other, Hello);

        Assert.Equal("conversation.item.added", Talk.TypeOf(await NextAsync(mistaken)));
        Assert.Equal("conversation.item.added", Talk.TypeOf(await NextAsync(other)));
        Assert.Equal("conversation.item.added", await peer.EventAsync());
        await CloseAsync(mistaken);
        await CloseAsync(other);
    }

    [Fact]
    public async Task Its_end_does_not_end_the_call()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        using (var first = await AttachAsync(azure, id)) await CloseAsync(first);
        using (var second = await AttachAsync(azure, id)) second.Abort();
        await Eventually.ShouldAsync(async () => (int)Assert.Single(await azure.CallsAsync())["sidebands"]! == 0);

        using var third = await AttachAsync(azure, id);

        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
        await CloseAsync(third);
    }

    [Fact]
    public async Task A_hang_up_closes_it_and_says_why()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        using var sideband = await AttachAsync(azure, id);

        await azure.HangUpAsync(id);

        await ExpectCloseAsync(sideband, WebSocketCloseStatus.NormalClosure, "hung_up");
    }

    [Fact]
    public async Task The_browsers_leaving_closes_it_and_says_why()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        var (peer, id) = await CallAsync(azure);
        using var sideband = await AttachAsync(azure, id);

        peer.Dispose();

        await ExpectCloseAsync(sideband, WebSocketCloseStatus.NormalClosure, "peer_left");
    }

    [Fact]
    public async Task The_end_of_the_session_is_told_and_closes_it()
    {
        await using var azure = await StartAsync(time: null, sessionSeconds: 60);
        using var sideband = await AttachAsync(azure, await azure.BeginCallAsync());

        azure.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("session_expired", (await NextAsync(sideband))["error"]!["code"]!.GetValue<string>());
        await ExpectCloseAsync(sideband, WebSocketCloseStatus.EndpointUnavailable, "session_expired");
    }

    [Fact]
    public async Task The_end_of_the_simulator_closes_it_at_once()
    {
        await using var azure = await StartAsync();
        using var sideband = await AttachAsync(azure, await azure.BeginCallAsync());

        var stopping = azure.StopAsync();

        await ExpectCloseAsync(sideband, WebSocketCloseStatus.EndpointUnavailable, "going_away");
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Token); // the host would wait half a minute
    }

    [Fact]
    public async Task A_call_has_places_for_some_and_one_that_leaves_makes_room()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        var sidebands = new List<ClientWebSocket>();
        for (var i = 0; i < Call.MostSidebands; i++) sidebands.Add(await AttachAsync(azure, id));

        using (var refused = await HandshakeAsync(azure, PathOf(id), "api-key", SimulatedAzure.Key))
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await CloseAsync(sidebands[0]);
        await Eventually.ShouldAsync(async () => (int)Assert.Single(await azure.CallsAsync())["sidebands"]! < Call.MostSidebands);
        sidebands.Add(await AttachAsync(azure, id));

        foreach (var sideband in sidebands) sideband.Dispose();
    }

    [Fact]
    public async Task One_that_does_not_read_is_cut_off_and_holds_nobody_up()
    {
        const int asked = 80;
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        using var deaf = await AttachAsync(azure, id);
        using var busy = await AttachAsync(azure, id);
        var words = new string('x', 1024 * 1024);
        await SendAsync(busy, "{\"type\":\"conversation.item.create\",\"item\":{\"id\":\"long\",\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"" + words + "\"}]}}");
        await UntilAsync(busy, "conversation.item.done");
        for (var i = 0; i < asked; i++)
        {
            await SendAsync(busy, """{"type":"conversation.item.retrieve","item_id":"long"}""");
            Assert.Equal("conversation.item.retrieved", Talk.TypeOf(await NextAsync(busy)));
        }

        await Eventually.ShouldAsync(async () => (int)Assert.Single(await azure.CallsAsync())["sidebands"]! == 1);
        await CloseAsync(busy);
    }

    [Fact]
    public async Task Its_handshake_can_be_refused_without_a_body()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Operation = FaultOperation.Sideband, Status = 404, Variant = "empty", Times = 1 });

        using var response = await HandshakeAsync(azure, PathOf(id), "api-key", SimulatedAzure.Key);

        Assert.Equal((HttpStatusCode.NotFound, 0L), (response.StatusCode, response.Content.Headers.ContentLength));
        using var sideband = await AttachAsync(azure, id);
        await CloseAsync(sideband);
    }

    private static Task<SimulatedAzure> StartAsync() => StartAsync(TimeProvider.System);

    private static Task<SimulatedAzure> StartAsync(TimeProvider? time, int sessionSeconds = 3600) =>
        SimulatedAzure.StartAsync(new() { CannedAnswers = true, SessionSeconds = sessionSeconds }, time);

    private static string PathOf(string id) => "/openai/v1/realtime?call_id=" + id;

    private static async Task<ClientWebSocket> AttachAsync(SimulatedAzure azure, string id)
    {
        var sideband = await ConnectAsync(azure, PathOf(id), "api-key", SimulatedAzure.Key);
        Assert.Equal("session.created", Talk.TypeOf(await NextAsync(sideband)));
        return sideband;
    }

    private static async Task<(ScriptedPeer Peer, string Id)> CallAsync(SimulatedAzure azure, string query = "")
    {
        var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = azure.BeginCallAsync(query: query);
        await peer.AnswerAsync();
        return (peer, await calling);
    }

    private static async Task ExpectNotFoundAsync(SimulatedAzure azure, string id)
    {
        using var response = await HandshakeAsync(azure, PathOf(id), "api-key", SimulatedAzure.Key);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("call_id_not_found", (await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]!.GetValue<string>());
    }

    private static async Task ExpectCloseAsync(ClientWebSocket sideband, WebSocketCloseStatus status, string reason)
    {
        await NextAsync(sideband, expectsClose: true);
        Assert.Equal((status, reason), (sideband.CloseStatus, sideband.CloseStatusDescription));
        await CloseAsync(sideband);
    }
}
