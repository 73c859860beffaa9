using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>A route that an operator adds with three lines of JSON, while the gateway runs.</summary>
public sealed class PassThroughTests : IAsyncDisposable
{
    private const string Path = "/openai/v1/chat/completions";

    private readonly Azure _azure = new();
    private readonly Gateway _gateway;

    public PassThroughTests() => _gateway = Gateway.StartWith(_azure.Url);

    [Fact]
    public async Task A_route_added_to_the_file_works_and_a_broken_file_after_it_leaves_it_serving()
    {
        _azure.Answers(Path, 200, """{"choices":[]}""");
        _azure.Mints();
        using var before = await _gateway.MintAsync("{}", Path);
        await before.ShouldFailAsync(404, "not_found");

        await _gateway.ReloadAsync(Settings.AddChatRoute);
        using var added = await _gateway.MintAsync("""{"messages":[]}""", Path);
        await added.ShouldBeAsync(HttpStatusCode.OK, """{"choices":[]}""");

        _gateway.Announce("refused");
        _gateway.Logs.Clear();
        _gateway.WriteSettings("{");
        Assert.Contains("refused", await _gateway.WhenReloadedAsync(), StringComparison.Ordinal);
        using var chat = await _gateway.MintAsync("{}", Path);
        using var mint = await _gateway.MintAsync();
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (chat.StatusCode, mint.StatusCode));
    }

    [Fact]
    public async Task It_carries_the_credential_and_the_same_protection_both_ways()
    {
        _azure.Answers(Path, 200, """{"choices":[]}""");
        await _gateway.ReloadAsync(Settings.AddChatRoute);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path + "?api-version=2024-10-21&api-key=callers") { Content = Gateway.Json("""{"messages":[]}""") };
        foreach (var name in new[] { "Authorization", "api-key", "x-api-key", "Cookie", "OpenAI-Beta", "x-ms-user", "X-Stainless-Lang", "X-Forwarded-For", "traceparent", "User-Agent" })
            request.Headers.TryAddWithoutValidation(name, "callers-value");

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(["Content-Length", "Content-Type", "Host", "api-key"], _azure.Received.Headers!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([Gateway.Key], _azure.Received.Headers["api-key"]);
        Assert.Equal(("", """{"messages":[]}"""), (_azure.Received.RawQuery ?? "", _azure.Received.Body));
        Assert.Equal(
            ["content-security-policy", "content-type", "date", "referrer-policy", "transfer-encoding", "x-content-type-options", "x-frame-options", "x-request-id"],
            response.HeaderNames());
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_adds_headers_and_query_values_by_name()
    {
        _azure.Answers(Path, 200, "{}");
        await _gateway.ReloadAsync(settings =>
        {
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:chat:Transforms", """
                [
                  { "RequestHeadersAllowed": "OpenAI-Beta;Accept" },
                  { "QueryAllowed": "after;limit" },
                  { "QueryValueParameter": "fixed", "Set": "1" },
                  { "RequestHeader": "X-Team", "Append": "routes-value" }
                ]
                """);
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, Path + "?limit=5&api-key=x&other=y") { Content = Gateway.Json("{}") };
        request.Headers.TryAddWithoutValidation("OpenAI-Beta", "b");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer callers");

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["Accept", "Content-Length", "Content-Type", "Host", "OpenAI-Beta", "X-Team", "api-key"], _azure.Received.Headers!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["application/json"], _azure.Received.Headers["Accept"]);
        Assert.Equal("?limit=5&fixed=1", _azure.Received.RawQuery);
    }

    [Theory]
    [InlineData(400, 400, "upstream_rejected")]
    [InlineData(401, 502, "upstream_misconfigured")]
    [InlineData(429, 429, "upstream_rate_limited")]
    [InlineData(500, 502, "upstream_unavailable")]
    public async Task Its_errors_are_the_envelope_too(int upstream, int status, string code)
    {
        _azure.Answers(Path, upstream, """{"error":{"message":"leaked"}}""");
        await _gateway.ReloadAsync(Settings.AddChatRoute);
        _gateway.Announce($"answered {upstream}");

        using var response = await _gateway.MintAsync("{}", Path);

        await response.ShouldFailAsync(status, code);
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_sent_events_pass_one_by_one_without_being_held_back()
    {
        await using var upstream = await StreamingUpstream.StartAsync();
        await using var gateway = Gateway.StartWith(upstream.Url, change: Settings.AddChatRoute);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Gateway.Json("""{"stream":true}""") };

        upstream.Send("one");
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        // The upstream has not finished: each event is here before the next one is sent.
        Assert.Equal("data: one", await NextAsync(reader));
        upstream.Send("two");
        Assert.Equal("data: two", await NextAsync(reader));
        upstream.Finish();
        Assert.Null(await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.False(response.Headers.Contains("x-ms-region"));
        Assert.Equal(Gateway.Key, upstream.Received["api-key"]);
        Assert.Equal("""{"stream":true}""", upstream.ReceivedBody);
    }

    [Theory]
    [InlineData("/openai/v1/realtime")]
    [InlineData("/openai/v1/realtime/sessions")]
    [InlineData("/openai/v1/realtime//client_secrets")]
    [InlineData("/openai//v1/Realtime/transcription_sessions/")]
    [InlineData("/openai/v1%5Crealtime/sessions")]
    [InlineData("/openai/v1/%72ealtime/sessions")]
    [InlineData("/openai/realtimeapi/sessions")]
    [InlineData("/openai/realtime")]
    [InlineData("/azure/v1/realtime/sessions")]
    public async Task A_route_that_takes_everything_takes_nothing_that_mints_or_opens_a_session(string path)
    {
        await _gateway.ReloadAsync(settings => AddRoutes(settings, "/{**rest}"));

        using var response = await _gateway.MintAsync("""{"session":{"type":"realtime","instructions":"the callers own"}}""", path);

        await response.ShouldFailAsync(404, "not_found");
        Assert.Equal(0, _azure.Requests);
    }

    [Theory]
    [InlineData("/{**rest}", "/openai/v1/realtimes")]
    [InlineData("/openai/v1/realtime/{**rest}", "/openai/v1/realtime/sessions")]
    [InlineData("/openai/V1/Realtime/sessions", "/openai/v1/realtime/sessions")]
    [InlineData("/mint", "/mint", """{ "PathSet": "/openai/v1/realtime/sessions" }""", "/openai/v1/realtime/sessions")]
    public async Task It_takes_all_else_and_a_route_that_names_such_a_path_takes_that(string match, string path, string? transform = null, string? target = null)
    {
        _azure.Answers(target ?? path, 200, "{}");
        await _gateway.ReloadAsync(settings => AddRoutes(settings, match, transform));

        using var response = await _gateway.MintAsync("{}", path);

        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, _azure.Requests));
    }

    private static void AddRoutes(JsonNode settings, string match, string? transform = null)
    {
        settings.Set("ReverseProxy:Routes:any", $$"""{ "ClusterId": "azureopenai", "Match": { "Path": "{{match}}" }, "Transforms": [ {{transform}} ] }""");
        settings.Set("ReverseProxy:Routes:prefixed", """
            { "ClusterId": "azureopenai", "Match": { "Path": "/azure/{**rest}" }, "Transforms": [ { "PathPattern": "/openai/{**rest}" } ] }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        _azure.AssertNothingUnexpected();
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private static async Task<string?> NextAsync(StreamReader reader)
    {
        var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        return line;
    }
}
