using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class CorsTests : IAsyncLifetime
{
    private const string App = "https://app.example";
    private const string Other = "https://other.example";

    private readonly Azure _azure = new();
    private readonly CallersKey _key = CallersKey.New();
    private Gateway _gateway = null!;

    public ValueTask InitializeAsync()
    {
        _azure.Mints();
        _gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Callers:Keys:web:Hash"] = _key.Hash, ["Limits:failedauthentication:Permits"] = "10" }, settings =>
        {
            settings.Set("Cors", $$"""{ "default": { "Origins": [ "{{App}}", "http://localhost:5173" ] }, "cookies": { "Origins": [ "{{Other}}" ], "AllowCredentials": true, "MaxAge": "01:00:00" } }""");
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:chat:CorsPolicy", "\"cookies\"");
            settings.Transform("sessions", """{ "ResponseHeadersAllowed": "x-kept" }""");
        });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    [Fact]
    public async Task A_preflight_is_answered_without_a_credential_and_goes_nowhere()
    {
        using var response = await PreflightAsync("/sessions", App);

        Assert.Equal((204, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(
            [
                $"access-control-allow-headers: {AllowedHeaders}",
                "access-control-allow-methods: POST",
                $"access-control-allow-origin: {App}",
                "access-control-max-age: 600",
                "vary: Origin",
            ],
            CorsHeaders(response));
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task Each_route_has_its_own_policy()
    {
        using var allowed = await PreflightAsync("/openai/v1/chat/completions", Other);
        using var foreign = await PreflightAsync("/openai/v1/chat/completions", App);

        Assert.Equal(
            [
                "access-control-allow-credentials: true",
                $"access-control-allow-headers: {AllowedHeaders}",
                "access-control-allow-methods: POST",
                $"access-control-allow-origin: {Other}",
                "access-control-max-age: 3600",
            ],
            CorsHeaders(allowed));
        Assert.Equal((204, 0), ((int)foreign.StatusCode, CorsHeaders(foreign).Length));
    }

    [Theory]
    [InlineData("/sessions", "POST")]
    [InlineData("/profiles", "GET")]
    public async Task A_page_of_a_listed_origin_can_read_the_answer(string path, string method)
    {
        using var preflight = await PreflightAsync(path, "http://localhost:5173", method);
        using var response = await SendAsync(method, path, "http://localhost:5173", _key.Key);

        Assert.Contains("access-control-allow-origin: http://localhost:5173", CorsHeaders(preflight));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(
            [
                "access-control-allow-origin: http://localhost:5173",
                $"access-control-expose-headers: Location,Retry-After,x-request-id,x-should-retry{(path == "/sessions" ? ",x-kept" : "")}",
                "vary: Origin",
            ],
            CorsHeaders(response));
    }

    [Theory]
    [InlineData("401", 401)]
    [InlineData("403", 403)]
    [InlineData("502", 502)]
    public async Task It_can_read_an_error_as_well(string which, int status)
    {
        if (status == 502)
        {
            _azure.Reset();
            _azure.Answers(Azure.GaPath, 401, """{"error":{"code":"401"}}""");
            _gateway.Announce("answered 401");
        }

        using var response = await SendAsync("POST", which == "403" ? "/sessions?profile=none" : "/sessions", App, which == "401" ? null : _key.Key);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains($"access-control-allow-origin: {App}", CorsHeaders(response));
        Assert.Contains(CorsHeaders(response), header => header.StartsWith("access-control-expose-headers: Location,Retry-After,x-request-id", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://app.example.evil.example")]
    [InlineData("http://app.example")]
    [InlineData("https://app.example:8443")]
    [InlineData("null")]
    public async Task Another_origin_gets_no_headers(string origin)
    {
        using var preflight = await PreflightAsync("/sessions", origin);
        using var read = await SendAsync("GET", "/profiles", origin, _key.Key);
        using var write = await SendAsync("POST", "/sessions", origin, _key.Key);

        Assert.All([preflight, read, write], response => Assert.Empty(CorsHeaders(response)));
        await write.ShouldFailAsync(403, "forbidden");
        Assert.Equal(0, _azure.Requests);
    }

    /// <summary>Else the page could not say how long to wait, and its preflight would fail.</summary>
    [Fact]
    public async Task It_can_read_that_its_address_failed_to_authenticate_too_often()
    {
        for (var i = 0; i < 10; i++)
            await SendAsync("GET", "/profiles", App, "wrong");

        using var refused = await SendAsync("GET", "/profiles", App, "wrong");
        using var preflight = await PreflightAsync("/sessions", App);

        await refused.ShouldFailAsync(429, "rate_limit_exceeded");
        Assert.Contains($"access-control-allow-origin: {App}", CorsHeaders(refused));
        Assert.Equal(204, (int)preflight.StatusCode);
    }

    [Fact]
    public async Task An_origin_added_to_the_file_counts_without_a_restart()
    {
        await _gateway.ReloadAsync(settings => settings.Set("Cors:default:Origins:0", $"\"{Other}\""));

        using var added = await SendAsync("POST", "/sessions", Other, _key.Key);
        using var taken = await SendAsync("POST", "/sessions", App, _key.Key);

        Assert.Equal([200, 403], [(int)added.StatusCode, (int)taken.StatusCode]);
        Assert.Contains($"access-control-allow-origin: {Other}", CorsHeaders(added));
    }

    [Fact]
    public async Task Every_origin_may_be_let_in_on_purpose()
    {
        await _gateway.ReloadAsync(settings => settings.Set("Cors:default:Origins", """[ "*" ]"""));

        using var response = await SendAsync("POST", "/sessions", "https://anything.example", _key.Key);
        using var opaque = await SendAsync("POST", "/sessions", "null", _key.Key);

        Assert.Equal([200, 403], [(int)response.StatusCode, (int)opaque.StatusCode]);
        Assert.Contains("access-control-allow-origin: *", CorsHeaders(response));
    }

    [Fact]
    public async Task Every_origin_and_what_has_none_may_be_let_in_by_name()
    {
        await _gateway.ReloadAsync(settings => settings.Set("Cors:default:Origins", """[ "*", "null" ]"""));

        foreach (var origin in new[] { "https://anything.example", "null" })
        {
            using var response = await SendAsync("POST", "/sessions", origin, _key.Key);
            using var preflight = await PreflightAsync("/sessions", origin);

            Assert.Equal([200, 204], [(int)response.StatusCode, (int)preflight.StatusCode]);
            Assert.All([response, preflight], answer => Assert.Contains($"access-control-allow-origin: {origin}", CorsHeaders(answer)));
        }
    }

    private const string AllowedHeaders =
        "accept,api-key,authorization,content-type,openai-beta,openai-organization,openai-project,x-api-key,x-openai-agents-sdk," +
        "x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime," +
        "x-stainless-runtime-version,x-stainless-timeout";

    private Task<HttpResponseMessage> PreflightAsync(string path, string origin, string method = "POST") => _gateway.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", method }, { "Access-Control-Request-Headers", "authorization,content-type" } },
        },
        TestContext.Current.CancellationToken);

    private Task<HttpResponseMessage> SendAsync(string method, string path, string origin, string? key)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Origin", origin } } };
        if (method == "POST")
            request.Content = Gateway.Json("{}");
        if (key is not null)
            request.Headers.Add("x-api-key", key);
        return _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string[] CorsHeaders(HttpResponseMessage response) =>
        [.. response.Headers
            .Where(header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase) || header.Key.Equals("Vary", StringComparison.OrdinalIgnoreCase))
            .Select(header => $"{header.Key.ToLowerInvariant()}: {string.Join(',', header.Value)}")
            .Order(StringComparer.Ordinal)];
}
