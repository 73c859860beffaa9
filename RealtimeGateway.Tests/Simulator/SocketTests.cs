using System.Net;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using RealtimeGateway.Simulator;
using RealtimeGateway.Simulator.Breaking;
using static RealtimeGateway.Tests.Simulator.SocketClient;

namespace RealtimeGateway.Tests.Simulator;

public class SocketTests
{
    private const string Ga = "/openai/v1/realtime?model=gpt-realtime";
    private const string Preview = "/openai/realtime?api-version=" + SimulatedAzure.PreviewVersion + "&deployment=gpt-realtime";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Ga, "api-key", SimulatedAzure.Key, null)]
    [InlineData(Ga, "Authorization", "Bearer " + SimulatedAzure.Key, "realtime")]
    [InlineData(Ga, "Authorization", "Bearer " + SimulatedAzure.Token, null)]
    [InlineData(Ga + "&api-key=" + SimulatedAzure.Key, null, null, null)]
    [InlineData(Ga, null, null, "openai-insecure-api-key." + SimulatedAzure.Key)]
    [InlineData(Preview, "api-key", SimulatedAzure.Key, null)]
    public async Task A_known_credential_opens_a_session(string path, string? header, string? value, string? protocol)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var socket = await ConnectAsync(azure, path, header, value, protocol is null ? [] : [.. new[] { "realtime", protocol }.Distinct()]);

        Assert.Equal(protocol is null ? null : "realtime", socket.SubProtocol);
        Assert.Equal("session.created", Talk.TypeOf(await NextAsync(socket)));
        await CloseAsync(socket);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_secret_opens_the_session_that_it_was_minted_with(bool asProtocol)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var secret = await azure.MintSecretAsync();
        using var socket = asProtocol
            ? await ConnectAsync(azure, "/openai/v1/realtime", null, null, "realtime", "openai-insecure-api-key." + secret)
            : await ConnectAsync(azure, "/openai/v1/realtime", "Authorization", "Bearer " + secret);

        var session = (await NextAsync(socket))["session"]!;
        Assert.Equal("be brief", session["instructions"]!.GetValue<string>());
        Assert.Equal(azure.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(), session["expires_at"]!.GetValue<long>());
        await CloseAsync(socket);
        Assert.True(azure.Secrets.TryFind(secret, out var used) && used.Uses == 1);
    }

    [Theory]
    [InlineData(Ga, null, null, 401, null)]
    [InlineData(Ga, "api-key", "wrong", 401, "401")]
    [InlineData(Ga, "Authorization", "Bearer ek_unknown", 401, null)]
    [InlineData(Ga + "&api-key=wrong", null, null, 401, "401")]
    [InlineData(Ga + "&api-version=" + SimulatedAzure.PreviewVersion, "api-key", SimulatedAzure.Key, 401, null)]
    [InlineData("/openai/v1/realtime?model=unknown", "api-key", SimulatedAzure.Key, 404, "DeploymentNotFound")]
    [InlineData("/openai/v1/realtime", "api-key", SimulatedAzure.Key, 400, "missing_required_parameter")]
    [InlineData("/openai/realtime?deployment=gpt-realtime", "api-key", SimulatedAzure.Key, 404, "404")]
    [InlineData("/openai/realtime?deployment=unknown&api-version=" + SimulatedAzure.PreviewVersion, "api-key", SimulatedAzure.Key, 404, "DeploymentNotFound")]
    public async Task Anything_else_is_refused_before_the_upgrade(string path, string? header, string? value, int status, string? code)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var response = await HandshakeAsync(azure, path, header, value);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, (await SimulatedAzure.JsonOfAsync(response))["error"]?["code"]?.GetValue<string>());
    }

    [Fact]
    public async Task A_request_that_is_no_handshake_is_told_so()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, Ga);
        request.Headers.Add("api-key", SimulatedAzure.Key);
        using var response = await azure.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("websocket_upgrade_required", (await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_turn_with_a_function_call_runs_over_the_socket()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        using var socket = await OpenAsync(azure);
        await SendAsync(socket, """{"type":"session.update","session":{"type":"realtime","tools":""" + Talk.Tools + "}}");
        await SendAsync(socket, """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"make the text white"}]}}""");
        await SendAsync(socket, """{"type":"response.create"}""");
        var call = (await UntilAsync(socket, "response.done"))[^1]["response"]!["output"]![0]!;
        Assert.Equal(("changeTextColor", """{"color":"white"}"""), (call["name"]!.GetValue<string>(), call["arguments"]!.GetValue<string>()));

        await SendAsync(socket, "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"function_call_output\",\"call_id\":" + call["call_id"]!.ToJsonString() + ",\"output\":\"ok\"}}");
        await SendAsync(socket, """{"type":"response.create"}""");
        var turn = await UntilAsync(socket, "response.done");
        Assert.Equal("I made the text white.", Talk.Said(turn));
        byte[] sound = [.. turn.Where(one => Talk.TypeOf(one) == "response.output_audio.delta").SelectMany(one => Convert.FromBase64String(one["delta"]!.GetValue<string>()))];
        Assert.True(VoiceTests.Level(MemoryMarshal.Cast<byte, short>(sound)) > 300);
        await CloseAsync(socket);
    }

    [Fact]
    public async Task A_message_in_many_frames_is_one_event_and_nonsense_ends_nothing()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var socket = await OpenAsync(azure);
        await NextAsync(socket);
        var sent = Encoding.UTF8.GetBytes("""{"type":"input_audio_buffer.clear","event_id":"é"}""");
        foreach (var piece in sent.Index()) await socket.SendAsync(sent.AsMemory(piece.Index, 1), WebSocketMessageType.Text, piece.Index == sent.Length - 1, Token);
        Assert.Equal("input_audio_buffer.cleared", Talk.TypeOf(await NextAsync(socket)));

        await SendAsync(socket, "nonsense");
        Assert.Equal("invalid_event", (await NextAsync(socket))["error"]!["code"]!.GetValue<string>());
        await CloseAsync(socket);
    }

    [Fact]
    public async Task Fifteen_mebibytes_of_sound_fit_and_more_than_that_do_not()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var socket = await OpenAsync(azure);
        await NextAsync(socket);
        await SendAsync(socket, "{\"type\":\"input_audio_buffer.append\",\"audio\":\"" + new string('A', 15 * 1024 * 1024 / 3 * 4) + "\"}");
        await SendAsync(socket, """{"type":"input_audio_buffer.clear"}""");
        Assert.Equal("input_audio_buffer.cleared", Talk.TypeOf(await NextAsync(socket)));

        var tooBig = SendAsync(socket, new string(' ', 21 * 1024 * 1024));
        await NextAsync(socket, expectsClose: true);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
        await Task.WhenAny(tooBig);
    }

    [Fact]
    public async Task Binary_messages_are_not_taken()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var socket = await OpenAsync(azure);
        await NextAsync(socket);
        await socket.SendAsync(new byte[10], WebSocketMessageType.Binary, true, Token);

        await NextAsync(socket, expectsClose: true);
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, socket.CloseStatus);
    }

    [Fact]
    public async Task The_end_of_a_session_closes_its_socket()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { SessionSeconds = 60 });
        using var socket = await OpenAsync(azure);
        await NextAsync(socket);
        azure.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("session_expired", (await NextAsync(socket))["error"]!["code"]!.GetValue<string>());
        await NextAsync(socket, expectsClose: true);
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "session_expired"), (socket.CloseStatus, socket.CloseStatusDescription));
        await CloseAsync(socket);
    }

    [Fact]
    public async Task An_open_socket_does_not_hold_up_the_end_of_the_simulator()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var socket = await OpenAsync(azure);
        await NextAsync(socket);

        var stopping = azure.StopAsync();
        await NextAsync(socket, expectsClose: true);
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "going_away"), (socket.CloseStatus, socket.CloseStatusDescription));
        await CloseAsync(socket);
        // The host waits half a minute for requests that do not end.
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var socket = await OpenAsync(azure);
        await SendAsync(socket, "{\"type\":\"conversation.item.create\",\"item\":{\"id\":\"long\",\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"" + new string('x', 1024 * 1024) + "\"}]}}");
        for (var i = 0; i < 80; i++) await SendAsync(socket, """{"type":"conversation.item.retrieve","item_id":"long"}""");

        // It hears that by what it says: to read would be to make room.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            while (true) await socket.SendAsync("""{"type":"input_audio_buffer.clear"}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        });
    }

    [Fact]
    public async Task A_client_that_vanishes_leaves_nothing_behind()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using (var socket = await OpenAsync(azure))
        {
            await NextAsync(socket);
            socket.Abort();
        }

        await azure.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Theory]
    [InlineData("""{"operation":"socket","effect":"status","status":429,"retryAfter":7}""", 429)]
    [InlineData("""{"operation":"socket","effect":"status","status":503}""", 503)]
    [InlineData("""{"operation":"socket","effect":"html"}""", 200)]
    [InlineData("""{"effect":"status","status":500}""", 500)]
    public async Task A_handshake_can_be_made_to_fail(string fault, int status)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await azure.ControlAsync(HttpMethod.Post, "/faults", fault)).StatusCode);
        using var response = await HandshakeAsync(azure, Ga, "api-key", SimulatedAzure.Key);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 429 ? 7 : null, response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Fact]
    public async Task A_fault_of_handshakes_leaves_other_requests_alone_and_a_spoilt_body_leaves_handshakes_alone()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Break(FaultEffect.Empty, FaultOperation.Socket);
        Assert.NotEqual(0, (await azure.MintAsync()).Content.Headers.ContentLength);
        azure.Faults.Clear();
        azure.Break(FaultEffect.Gzip);
        using var socket = await OpenAsync(azure);

        Assert.Equal("session.created", Talk.TypeOf(await NextAsync(socket)));
        await CloseAsync(socket);
    }

    [Fact]
    public async Task What_spoils_a_body_cannot_be_asked_for_on_a_handshake()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var response = await azure.ControlAsync(HttpMethod.Post, "/faults", """{"operation":"socket","effect":"gzip"}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("effect", (await SimulatedAzure.JsonOfAsync(response))["error"]!["param"]!.GetValue<string>());
    }

    private static Task<ClientWebSocket> OpenAsync(SimulatedAzure azure) => ConnectAsync(azure, Ga, "api-key", SimulatedAzure.Key);
}
