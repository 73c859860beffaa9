using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Tickets;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>A socket as OpenAI's SDKs open it: what they always send and the profile does not let them set, the profile's values stand in for.</summary>
public sealed class SdkSocketTests : IAsyncDisposable
{
    private SocketGateway _gateway = null!;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData("model=gpt-realtime-2.1")]
    [InlineData("model=gpt-realtime-2.1&api-version=2025-04-01-preview&deployment=other&webrtcfilter=on")]
    [InlineData("")]
    public async Task What_the_query_may_not_set_is_replaced(string query)
    {
        await StartAsync();

        var (caller, _) = await _gateway.OpenAsync(query);

        Assert.Equal($"/openai/v1/realtime?model={Gateway.Deployment}", _gateway.Upstream.PathAndQuery);
        await caller.DisposeAsync();
    }

    [Theory]
    [InlineData("call_id=rtc_1", "call_id")]
    [InlineData("intent=transcription", "intent")]
    [InlineData("api-key=secret", "api-key")]
    public async Task What_asks_for_something_else_is_refused_here_too(string query, string param)
    {
        await StartAsync();

        using var response = await _gateway.RefusedAsync(query);

        await response.ShouldFailAsync(400, "field_not_allowed", param);
    }

    [Theory]
    [InlineData("gpt-realtime-mini", "gpt-realtime-mini")]
    [InlineData("gpt-realtime-2.1", "gpt-realtime")]
    public async Task A_model_that_the_profile_lets_the_caller_choose_counts(string asked, string model)
    {
        await StartAsync("""[ "model" ]""");

        var caller = await _gateway.ConnectAsync("model=" + asked);

        Assert.Equal(model, (string?)(await caller.ReceiveAsync())["session"]!["model"]);
    }

    [Fact]
    public async Task An_update_of_what_SDKs_always_send_changes_nothing_and_is_answered()
    {
        await StartAsync();
        var (caller, upstream) = await _gateway.OpenAsync();
        var session = JsonNode.Parse(TicketTests.AgentsSession)!["session"]!;
        session["instructions"] = "of the developer";
        session["tools"] = JsonNode.Parse("""[{"type":"function","name":"secretTool","description":"d","parameters":{}}]""");
        session["audio"]!["output"]!["voice"] = "sage";
        session["prompt"] = JsonNode.Parse("""{"id":"pmpt_1"}""");

        await caller.SendAsync(new JsonObject { ["event_id"] = "e1", ["type"] = "session.update", ["session"] = session.DeepClone() }.ToJsonString());
        await caller.SendAsync("""{"type":"session.update","session":{"type":"realtime","tracing":"auto"}}""");

        Assert.Equal("""{"type":"session.update","event_id":"e1","session":{"type":"realtime"}}""", await upstream.ReceiveTextAsync());
        Assert.Equal("""{"type":"session.update","session":{"type":"realtime"}}""", await upstream.ReceiveTextAsync());
        await upstream.SendAsync(SocketUpstream.Updated(_gateway.Upstream.Update));
        var updated = await caller.ReceiveAsync();
        Assert.Equal(("session.updated", "marin"), ((string?)updated["type"], (string?)updated["session"]!["audio"]!["output"]!["voice"]));
    }

    [Fact]
    public async Task What_the_profile_lets_the_caller_set_counts_and_what_says_nothing_does_not()
    {
        await StartAsync("""[ "voice", "instructions", "modalities", "tools" ]""");
        var (caller, upstream) = await _gateway.OpenAsync();

        await caller.SendAsync("""
            {"type":"session.update","session":{"type":"realtime","model":"gpt-realtime-2.1","instructions":"be brief","output_modalities":["text"],"tool_choice":"auto",
             "tools":[{"type":"function","name":"f"}],"audio":{"input":{"format":{"type":"audio/pcm"}},"output":{"speed":1,"voice":"cedar"}}}}
            """);
        await caller.SendAsync("""{"type":"session.update","session":{"instructions":"","tools":[],"audio":{"output":{"voice":null}}}}""");

        Assert.Equal(
            """{"type":"session.update","session":{"type":"realtime","instructions":"be brief","output_modalities":["text"],"tools":[{"type":"function","name":"f"}],"audio":{"output":{"voice":"cedar"}}}}""",
            await upstream.ReceiveTextAsync());
        Assert.Equal("""{"type":"session.update","session":{"type":"realtime"}}""", await upstream.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"type":"transcription"}}""", "invalid_value", "session.type")]
    [InlineData("""{"type":"session.update","session":{"audio":{"output":{"voice":"nobody"}}}}""", "invalid_value", "session.audio.output.voice")]
    [InlineData("""{"type":"session.update","session":{"tools":[{"type":"mcp","server_url":"https://x.example"}]}}""", "invalid_value", "session.tools[0].type")]
    [InlineData("""{"type":"session.update","session":7}""", "invalid_value", "session")]
    [InlineData("""{"type":"response.create","response":{"prompt":{"id":"x"}}}""", "field_not_allowed", "response.prompt")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[]}}""", "field_not_allowed", "item.role")]
    public async Task What_is_meant_and_may_not_be_is_refused_by_name(string message, string code, string param)
    {
        await StartAsync("""[ "voice", "tools" ]""");
        var (caller, _) = await _gateway.OpenAsync();

        await caller.SendAsync(message);

        var error = (await caller.ReceiveAsync())["error"]!;
        Assert.Equal((code, param), ((string?)error["code"], (string?)error["param"]));
    }

    [Fact]
    public async Task On_the_plain_route_the_same_is_refused()
    {
        await StartAsync(path: "/realtime");
        var (caller, _) = await _gateway.OpenAsync();

        await caller.SendAsync("""{"type":"session.update","session":{"type":"realtime","tracing":"auto"}}""");

        Assert.Equal("session.tracing", (string?)(await caller.ReceiveAsync())["error"]!["param"]);
    }

    private async Task StartAsync(string mayset = "[]", string path = Ticketing.SocketPath) => _gateway = await SocketGateway.StartAsync(
        settings =>
        {
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", mayset);
            settings.Set("Realtime:Profiles:assistant:Models", """[ "gpt-realtime", "gpt-realtime-mini" ]""");
        },
        path: path);
}
