using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>From the caller's handshake to the first event: what reaches the service, what comes back, and what is refused.</summary>
public sealed class OpeningTests : IAsyncDisposable
{
    private SocketGateway _gateway = null!;

    [Fact]
    public async Task The_service_gets_the_gateways_key_and_no_header_query_or_protocol_of_the_caller()
    {
        var key = CallersKey.New();
        await StartAsync(variables: new() { ["Callers:Keys:web:Hash"] = key.Hash });
        await using var caller = await _gateway.ConnectAsync("model=gpt-realtime&profile=assistant&secret=1&voice=echo", options =>
        {
            options.AddSubProtocol("realtime");
            options.AddSubProtocol($"openai-insecure-api-key.{key.Key}");
            options.AddSubProtocol("openai-beta.realtime-v1");
            options.AddSubProtocol("openai-agents-sdk.0.20.0");
            options.SetRequestHeader("Authorization", $"Bearer {key.Key}");
            options.SetRequestHeader("api-key", key.Key);
            options.SetRequestHeader("Cookie", "session=1");
            options.SetRequestHeader("OpenAI-Beta", "realtime=v1");
            options.SetRequestHeader("OpenAI-Safety-Identifier", "hash");
            options.SetRequestHeader("X-Stainless-Lang", "js");
            options.SetRequestHeader("x-ms-client-request-id", "1");
            options.SetRequestHeader("X-Forwarded-For", "192.0.2.1");
            options.SetRequestHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            options.SetRequestHeader("User-Agent", "caller/1.0");
        });
        await using var upstream = await _gateway.Upstream.NextAsync();

        Assert.Equal(
            ["api-key", "connection", "host", "sec-websocket-key", "sec-websocket-protocol", "sec-websocket-version", "upgrade"],
            _gateway.Upstream.Headers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((Gateway.Key, "realtime"), (_gateway.Upstream.Headers["api-key"], _gateway.Upstream.Headers["sec-websocket-protocol"]));
        Assert.Equal($"/openai/v1/realtime?model={Gateway.Deployment}", _gateway.Upstream.PathAndQuery);
        Assert.Equal(("realtime", "realtime"), (caller.Socket.SubProtocol, upstream.Socket.SubProtocol));
        Assert.DoesNotContain(_gateway.Gateway.Logs.GetSnapshot(), record => record.Message.Contains(key.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_that_offers_no_protocol_gets_none_and_only_realtime_is_taken()
    {
        await StartAsync();
        await using var silent = await _gateway.ConnectAsync();
        await using var other = await _gateway.ConnectAsync(options: options => options.AddSubProtocol("openai-beta.realtime-v1"));

        Assert.Equal((null, null), (silent.Socket.SubProtocol, other.Socket.SubProtocol));
    }

    [Fact]
    public async Task The_session_is_the_profiles_before_the_caller_can_speak()
    {
        await StartAsync();
        var (caller, upstream) = await _gateway.OpenAsync();
        await using var _ = caller;
        await using var __ = upstream;

        Assert.Equal(
            Answers.Normal("""
                {"type":"session.update","session":{"type":"realtime","instructions":"secret instructions","output_modalities":["audio"],
                 "audio":{"output":{"voice":"marin"}},"tools":[{"type":"function","name":"secretTool"}],"max_output_tokens":4096}}
                """),
            Answers.Normal(_gateway.Upstream.Update));
    }

    [Fact]
    public async Task The_caller_hears_one_session_with_what_holds_and_nothing_that_stays_inside()
    {
        await StartAsync();
        await using var caller = await _gateway.ConnectAsync("model=gpt-realtime");

        Assert.Equal(
            Answers.Normal("""
                {"type":"session.created","event_id":"event_created","session":{"type":"realtime","output_modalities":["audio"],
                 "audio":{"output":{"voice":"marin"},"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":{"language":"en"},"turn_detection":null}},
                 "id":"sess_of_azure","object":"realtime.session","expires_at":1900000000,"model":"gpt-realtime"}}
                """),
            Answers.Normal(await caller.ReceiveTextAsync()));
        await using var upstream = await _gateway.Upstream.NextAsync();
    }

    [Fact]
    public async Task Over_HTTP2_a_socket_is_the_same()
    {
        await StartAsync(variables: new() { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var socket = new ClientWebSocket { Options = { HttpVersion = HttpVersion.Version20, HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        socket.Options.AddSubProtocol("realtime");
        await socket.ConnectAsync(_gateway.Address(), invoker, TestContext.Current.CancellationToken);
        await using var caller = new Peer(socket);
        await using var upstream = await _gateway.Upstream.NextAsync();
        await caller.ReceiveAsync();

        await caller.SendAsync("""{"type":"response.create"}""");
        Assert.Equal("""{"type":"response.create"}""", await upstream.ReceiveTextAsync());
        await caller.CloseAsync(4321, "bye");
        Assert.Equal((4321, "bye"), await upstream.ReceiveCloseAsync());
        await upstream.CloseAsync(4321);
        Assert.Equal((4321, null), await caller.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData("model=gpt-realtime-2", 400, "field_not_allowed", "model")]
    [InlineData("model=gpt-realtime&model=gpt-realtime", 400, "field_not_allowed", "model")]
    [InlineData("call_id=rtc_of_another", 400, "field_not_allowed", "call_id")]
    [InlineData("model=gpt-realtime&CALL_ID=rtc_of_another", 400, "field_not_allowed", "call_id")]
    [InlineData("intent=transcription", 400, "field_not_allowed", "intent")]
    [InlineData("deployment=gpt-realtime", 400, "field_not_allowed", "deployment")]
    [InlineData("api-version=2024-10-01-preview", 400, "field_not_allowed", "api-version")]
    [InlineData("api-key=mine", 400, "field_not_allowed", "api-key")]
    [InlineData("webrtcfilter=on", 400, "field_not_allowed", "webrtcfilter")]
    [InlineData("profile=nobody", 403, "forbidden", "profile")]
    [InlineData("profile=gold", 403, "forbidden", "profile")]
    public async Task A_query_asks_for_profile_and_model_within_bounds_or_is_refused(string query, int status, string code, string param)
    {
        await StartAsync(settings =>
        {
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", "[]");
            settings.Set("Realtime:Profiles:gold", """{ "Models": [ "gpt-realtime" ], "Voices": [ "verse" ], "AllowedFor": [ "scope:gold" ] }""");
        });

        using var response = await _gateway.RefusedAsync(query);

        await response.ShouldFailAsync(status, code, param);
        Assert.Equal(0, _gateway.Upstream.Requests);
    }

    [Theory]
    [InlineData("model=other", "other", null)]
    [InlineData("model=the-deployment", "the-deployment", null)]
    [InlineData("model=unknown", null, "invalid_value")]
    public async Task A_profile_that_lets_the_model_be_set_takes_its_own(string query, string? model, string? code)
    {
        await StartAsync(settings => settings.Set("Realtime:Profiles:assistant:Models", """[ "gpt-realtime", "other" ]"""));
        if (code is not null)
        {
            using var response = await _gateway.RefusedAsync(query);
            await response.ShouldFailAsync(400, code, "model");
            return;
        }

        await using var caller = await _gateway.ConnectAsync(query);
        Assert.Equal(model, (string?)(await caller.ReceiveAsync())["session"]!["model"]);
        await using var upstream = await _gateway.Upstream.NextAsync();
    }

    [Fact]
    public async Task A_request_that_is_no_socket_is_426()
    {
        await StartAsync();
        using var response = await _gateway.Gateway.Http.GetAsync("/realtime", TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(426, "invalid_request");
        Assert.Equal("websocket", response.Headers.Upgrade.ToString());
        Assert.Equal(0, _gateway.Upstream.Requests);
    }

    [Fact]
    public async Task A_connection_that_asked_without_an_upgrade_can_ask_again()
    {
        await StartAsync();
        using var connection = await RawConnection.OpenAsync(_gateway.Gateway);
        await connection.SendAsync("GET /realtime HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        var answers = await connection.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 426 ", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 ", answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, 502, "upstream_misconfigured")]
    [InlineData(403, 502, "upstream_misconfigured")]
    [InlineData(404, 502, "upstream_misconfigured")]
    [InlineData(302, 502, "upstream_misconfigured")]
    [InlineData(431, 502, "upstream_misconfigured")]
    [InlineData(400, 400, "upstream_rejected")]
    [InlineData(408, 504, "upstream_timeout")]
    [InlineData(500, 502, "upstream_unavailable")]
    [InlineData(503, 502, "upstream_unavailable")]
    [InlineData(200, 502, "upstream_invalid_response")]
    public async Task A_handshake_that_the_service_refuses_is_an_HTTP_error_of_ours(int theirs, int status, string code)
    {
        await StartAsync();
        _gateway.Gateway.Announce("answered a socket with", "No socket to destination", "a destination answered 401 to");
        _gateway.Upstream.Refuses = context =>
        {
            context.Response.StatusCode = theirs;
            context.Response.Headers.Location = "https://leaked.example/";
            return context.Response.WriteAsync("leaked text");
        };

        using var response = await _gateway.RefusedAsync();

        await response.ShouldFailAsync(status, code);
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throttled_service_says_when_to_come_again()
    {
        await StartAsync();
        _gateway.Gateway.Announce("answered a socket with");
        _gateway.Upstream.Refuses = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers["retry-after-ms"] = "6100";
            context.Response.Headers.RetryAfter = "60";
            return Task.CompletedTask;
        };

        using var response = await _gateway.RefusedAsync();

        await response.ShouldFailAsync(429, "upstream_rate_limited");
        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_502()
    {
        await StartAsync();
        _gateway.Gateway.Announce("No socket to destination");
        await _gateway.Upstream.DisposeAsync();

        using var response = await _gateway.RefusedAsync();

        await response.ShouldFailAsync(502, "upstream_unavailable");
    }

    [Theory]
    [InlineData("""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"unknown_parameter","message":"leaked","param":"session.tools"}}""", 502, "upstream_misconfigured")]
    [InlineData("""{"type":"error","event_id":"e","error":{"type":"too_many_requests","code":"429","message":"leaked"}}""", 429, "upstream_rate_limited")]
    [InlineData("""{"type":"session.updated","event_id":"e","session":5}""", 502, "upstream_invalid_response")]
    [InlineData("leaked", 502, "upstream_invalid_response")]
    public async Task A_session_that_the_service_does_not_take_is_no_socket(string answer, int status, string code)
    {
        await StartAsync();
        _gateway.Gateway.Announce("does not take a session", "did not confirm a session");
        _gateway.Upstream.AnswersUpdate = [answer];

        using var response = await _gateway.RefusedAsync();

        await response.ShouldFailAsync(status, code);
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
        await using var upstream = await _gateway.Upstream.NextAsync();
    }

    [Fact]
    public async Task A_service_that_confirms_no_session_is_504_in_time()
    {
        await StartAsync(settings => settings.Set("ReverseProxy:Routes:realtime:Metadata:Timeout", "\"00:00:02\""));
        _gateway.Upstream.AnswersUpdate = [];

        using var response = await _gateway.RefusedAsync();

        await response.ShouldFailAsync(504, "upstream_timeout");
        await using var upstream = await _gateway.Upstream.NextAsync();
    }

    [Fact]
    public async Task What_the_service_says_beside_the_session_is_heard_after_it()
    {
        await StartAsync();
        _gateway.Upstream.AnswersUpdate =
        [
            """{"type":"conversation.created","event_id":"c","conversation":{"id":"conv","object":"realtime.conversation"}}""",
            """{"type":"rate_limits.updated","event_id":"r","rate_limits":[{"name":"tokens","remaining":41}]}""",
            SocketUpstream.Updated("""{"session":{"type":"realtime","audio":{}}}"""),
        ];
        var (caller, upstream) = await _gateway.OpenAsync();
        await using var _ = caller;
        await using var __ = upstream;

        Assert.Equal("conversation.created", (string?)(await caller.ReceiveAsync())["type"]);
        await upstream.SendAsync("""{"type":"input_audio_buffer.cleared","event_id":"x"}""");
        Assert.Equal("input_audio_buffer.cleared", (string?)(await caller.ReceiveAsync())["type"]);
    }

    [Fact]
    public async Task A_socket_too_many_is_503_before_the_service_hears_of_it()
    {
        await StartAsync(variables: new() { ["Inbound:MaxWebSockets"] = "1" });
        var (caller, upstream) = await _gateway.OpenAsync();
        await using var _ = caller;
        await using var __ = upstream;

        using var response = await _gateway.RefusedAsync();

        await response.ShouldFailAsync(503, "no_destination");
        Assert.Equal(1, _gateway.Upstream.Requests);
    }

    [Fact]
    public async Task A_page_of_another_origin_opens_nothing()
    {
        await StartAsync();
        using var response = await _gateway.RefusedAsync("", ("Origin", "https://evil.example"));

        await response.ShouldFailAsync(403, "forbidden");
        Assert.Equal(0, _gateway.Upstream.Requests);
    }

    [Fact]
    public async Task A_preview_destination_takes_no_sockets()
    {
        await using var upstream = await SocketUpstream.StartAsync();
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?> { ["Credentials:west:ApiKey:Primary"] = Gateway.Key },
            settings =>
            {
                settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""
                    { "old": { "Address": "http://127.0.0.1:1", "Metadata": { "Credential": "west", "Protocol": "preview", "ApiVersion": "2025-04-01-preview", "WebRtcUrl": "https://rtc.example/" } },
                      "west": { "Address": "{{upstream.Url}}", "Metadata": { "Credential": "west" } } }
                    """);
            });
        gateway.Announce("deprecated");
        for (var i = 0; i < 8; i++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
            await using var peer = await upstream.NextAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    private async Task StartAsync(Action<JsonNode>? change = null, Dictionary<string, string?>? variables = null) =>
        _gateway = await SocketGateway.StartAsync(change, variables: variables);
}
