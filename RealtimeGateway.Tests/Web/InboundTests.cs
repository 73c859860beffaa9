using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

/// <summary>What a connection may bring, seen from a socket.</summary>
public sealed class InboundTests : IAsyncDisposable
{
    private const string Head = "POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private readonly Azure _azure = new();
    private Gateway _gateway = null!;

    [Fact]
    public async Task A_long_request_line_is_414()
    {
        Start();
        Assert.StartsWith("HTTP/1.1 414 ", await AnswerAsync($"GET /{new string('a', 8 * 1024)} HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_headers_are_431()
    {
        Start();
        var headers = string.Concat(Enumerable.Range(0, 5).Select(i => $"x-{i}: {new string('a', 7 * 1024)}\r\n"));
        Assert.StartsWith("HTTP/1.1 431 ", await AnswerAsync($"{Head}{headers}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_headers_are_431()
    {
        Start();
        var headers = string.Concat(Enumerable.Range(0, 65).Select(i => $"x-{i}: a\r\n"));
        Assert.StartsWith("HTTP/1.1 431 ", await AnswerAsync($"{Head}{headers}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sessions", 65537)]
    [InlineData("/openai/v1/chat/completions", 2049)]
    public async Task A_large_body_is_413_by_its_length_alone(string path, int length)
    {
        Start(("Inbound:MaxBodyBytes", "2048"));
        _gateway.Announce("Forwarding failed");
        var answer = await AnswerAsync(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{new string(' ', length)}");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"request_too_large\"", answer, StringComparison.Ordinal);
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_413_when_it_gets_too_long()
    {
        Start(("Inbound:MaxBodyBytes", "2048"));
        _gateway.Announce("Forwarding failed");
        using var content = new StreamContent(new MemoryStream(new byte[4096]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/openai/v1/chat/completions") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(413, "request_too_large");
    }

    [Theory]
    [InlineData("/sessions", "application/json")]
    [InlineData("/calls", "application/sdp")]
    [InlineData("/telemetry/webrtc", "application/json")]
    public async Task A_trailer_that_is_no_text_is_the_callers_fault(string path, string type)
    {
        Start();
        _gateway.Announce("Connection id"); // the server reads the rest of the request once more, and blames the application
        using var connection = await RawConnection.OpenAsync(_gateway);
        await connection.SendAsync(System.Text.Encoding.Latin1.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\nx: \u00A3\r\n\r\n"));

        var answer = await connection.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"invalid_request\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_JSON_is_no_JSON()
    {
        Start();
        using var response = await _gateway.MintAsync($"{{\"tools\":{new string('[', 32)}{new string(']', 32)}}}");

        await response.ShouldFailAsync(400, "invalid_json");
    }

    [Fact]
    public async Task A_header_that_does_not_end_is_408()
    {
        Start(("Inbound:HeaderTimeout", "00:00:01"));
        Assert.StartsWith("HTTP/1.1 408 ", await AnswerAsync(Head), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_408()
    {
        Start(("Inbound:MinRateGrace", "00:00:02"));
        Assert.StartsWith("HTTP/1.1 408 ", await AnswerAsync($"{Head}Content-Length: 100\r\n\r\n{{"), StringComparison.Ordinal);
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task A_silent_connection_is_ended()
    {
        Start(("Inbound:IdleTimeout", "00:00:01"));
        using var connection = await RawConnection.OpenAsync(_gateway);
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_does_not_take_its_answer_is_left()
    {
        var left = new TaskCompletionSource();
        await using var upstream = await ScriptedUpstream.StartAsync(async context =>
        {
            using var _ = context.RequestAborted.Register(left.SetResult);
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(new byte[65536], context.RequestAborted);
        });
        _gateway = Gateway.StartWith(upstream.Url, new Dictionary<string, string?> { ["Inbound:MinRateGrace"] = "00:00:02", ["Inbound:MinBytesPerSecond"] = "1000000" }, Settings.AddChatRoute);
        using var connection = await RawConnection.OpenAsync(_gateway);

        await connection.SendAsync("POST /openai/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task More_connections_than_allowed_are_ended_unheard()
    {
        Start(("Inbound:MaxConnections", "2"));
        _gateway.Announce("maximum number of concurrent connections");
        using var first = await RawConnection.OpenAsync(_gateway);
        using var second = await RawConnection.OpenAsync(_gateway);
        foreach (var connection in new[] { first, second }) // each is counted by a thread of its own: one that has been heard has been counted
        {
            await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await connection.ReadPastAsync("HTTP/1.1 200 ");
        }

        await second.SendAsync("GET /health/live HTTP/1.1\r\nHost: "); // one rests, one is in the middle of a request

        Assert.Empty(await AnswerAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        await first.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await second.SendAsync("localhost\r\nConnection: close\r\n\r\n");
        foreach (var connection in new[] { first, second })
            Assert.Contains("HTTP/1.1 200 ", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_sockets_that_trickle_headers_keep_nobody_from_minting()
    {
        Start(("Inbound:HeaderTimeout", "00:00:03"));
        var trickling = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => RawConnection.OpenAsync(_gateway)));
        await Task.WhenAll(trickling.Select(connection => connection.SendAsync("POST /sessions HTTP/1.1\r\nHost: localhost\r\nx-slow: ")));
        var answers = trickling.Select(connection => connection.ReadToEndAsync()).ToArray();

        while (Array.Exists(answers, answer => !answer.IsCompleted))
        {
            await Task.WhenAll(trickling.Select(connection => connection.TrySendAsync("a")));
            using var honest = await _gateway.MintAsync();
            Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
        }

        // Each was cut off, though it never fell silent. (A byte that crosses the answer resets the connection, and the answer is lost.)
        Assert.All(await Task.WhenAll(answers), answer => Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer));
        Array.ForEach(trickling, connection => connection.Dispose());
    }

    [Fact]
    public void Every_limit_of_the_section_reaches_the_server()
    {
        Start(
            ("Inbound:MaxBodyBytes", "2048"), ("Inbound:MaxRequestLineBytes", "1025"), ("Inbound:MaxHeaderBytes", "1026"), ("Inbound:MaxHeaders", "17"),
            ("Inbound:HeaderTimeout", "00:00:02"), ("Inbound:IdleTimeout", "00:00:03"), ("Inbound:MinBytesPerSecond", "7"), ("Inbound:MinRateGrace", "00:00:04"),
            ("Inbound:MaxConnections", "11"), ("Inbound:MaxWebSockets", "12"), ("Inbound:MaxStreamsPerConnection", "13"), ("Inbound:MaxHeaderTableBytes", "14"));

        var limits = _gateway.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(
            (2048, 1025, 1026, 17, 2, 3),
            ((int)limits.MaxRequestBodySize!, limits.MaxRequestLineSize, limits.MaxRequestHeadersTotalSize, limits.MaxRequestHeaderCount, limits.RequestHeadersTimeout.Seconds, limits.KeepAliveTimeout.Seconds));
        Assert.Equal((7.0, 4, 7.0, 4), (limits.MinRequestBodyDataRate!.BytesPerSecond, limits.MinRequestBodyDataRate.GracePeriod.Seconds, limits.MinResponseDataRate!.BytesPerSecond, limits.MinResponseDataRate.GracePeriod.Seconds));
        Assert.Equal(
            (11L, 12L, 13, 14, 1026),
            (limits.MaxConcurrentConnections, limits.MaxConcurrentUpgradedConnections, limits.Http2.MaxStreamsPerConnection, limits.Http2.HeaderTableSize, limits.Http2.MaxRequestHeaderFieldSize));
    }

    [Fact]
    public async Task A_WebSocket_too_many_is_refused_with_503()
    {
        await using var upstream = await ScriptedUpstream.StartAsync(HoldSocketAsync);
        _gateway = Gateway.Start(new Dictionary<string, string?> { ["Inbound:MaxWebSockets"] = "1", ["Credentials:west:ApiKey:Primary"] = Gateway.Key }, settings =>
        {
            settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""{ "west": { "Address": "{{_azure.Url}}", "Metadata": { "Credential": "west" } } }""");
            settings.Set("ReverseProxy:Clusters:own", $$"""{ "Destinations": { "one": { "Address": "{{upstream.Url}}" } } }""");
            settings.Set("ReverseProxy:Routes:socket", """{ "ClusterId": "own", "Match": { "Path": "/socket" } }""");
        });
        _gateway.Announce("Forwarding failed");
        using var first = new ClientWebSocket();
        await first.ConnectAsync(Socket, TestContext.Current.CancellationToken);

        using var second = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(Socket, TestContext.Current.CancellationToken));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (second.HttpStatusCode, Assert.Single(second.HttpResponseHeaders!["Retry-After"])));
    }

    [Theory]
    [InlineData("MaxBodyBytes", "0", "must be between 1024 and 1073741824")]
    [InlineData("MaxRequestLineBytes", "1", "must be between 1024 and 65536")]
    [InlineData("MaxHeaderBytes", "1", "must be between 1024 and 262144")]
    [InlineData("MaxHeaders", "0", "must be between 16 and 1000")]
    [InlineData("HeaderTimeout", "00:00:00", "must be between 00:00:01 and 00:10:00")]
    [InlineData("IdleTimeout", "02:00:00", "must be between 00:00:01 and 01:00:00")]
    [InlineData("MinBytesPerSecond", "0", "must be between 1 and 1000000")]
    [InlineData("MinRateGrace", "00:00:01", "must be between 00:00:02 and 00:10:00")]
    [InlineData("MaxConnections", "0", "must be between 1 and 1000000")]
    [InlineData("MaxWebSockets", "-1", "must be between 1 and 1000000")]
    [InlineData("MaxStreamsPerConnection", "0", "must be between 1 and 1000")]
    [InlineData("MaxHeaderTableBytes", "100000", "must be between 0 and 65536")]
    [InlineData("MaxHeader", "1", "is not a known key")]
    public void A_mistake_is_named(string key, string value, string rule)
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?> { [$"Inbound:{key}"] = value });

        Assert.Contains($"Inbound:{key}", refusal, StringComparison.Ordinal);
        Assert.Contains(rule, refusal, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _azure.AssertNothingUnexpected();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private Uri Socket => new UriBuilder(_gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/socket" }.Uri;

    private static Task HoldSocketAsync(HttpContext context) =>
        new WebSocketMiddleware(WaitForGoodbyeAsync, Options.Create(new WebSocketOptions()), NullLoggerFactory.Instance).Invoke(context);

    private static async Task WaitForGoodbyeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.ReceiveAsync(new byte[64], context.RequestAborted);
    }

    private void Start(params (string Key, string Value)[] variables)
    {
        _azure.Mints();
        _gateway = Gateway.StartWith(_azure.Url, variables.ToDictionary(pair => pair.Key, pair => (string?)pair.Value), Settings.AddChatRoute);
    }

    /// <summary>What a socket hears that says this and then nothing.</summary>
    private async Task<string> AnswerAsync(string text)
    {
        using var connection = await RawConnection.OpenAsync(_gateway);
        await connection.TrySendAsync(text);
        return await connection.ReadToEndAsync();
    }
}
