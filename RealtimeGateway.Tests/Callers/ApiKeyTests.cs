using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class ApiKeyTests : IAsyncLifetime
{
    private readonly CallersKey _web = CallersKey.New();
    private readonly CallersKey _old = CallersKey.New();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-06-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly Azure _azure = new();
    private Gateway _gateway = null!;

    public ValueTask InitializeAsync()
    {
        _azure.Mints();
        _gateway = Gateway.StartWith(
            _azure.Url,
            new Dictionary<string, string?>
            {
                ["Callers:Keys:web:Hash"] = _web.Hash,
                ["Callers:Keys:old:Hash"] = _old.Hash[7..].ToUpperInvariant(), // bare digits count as well
                ["Callers:Keys:old:Expires"] = "2026-06-01T00:00:20Z",
            },
            services: services => services.AddSingleton<TimeProvider>(_time));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _azure.AssertNothingUnexpected();
        _azure.Dispose();
    }

    [Theory]
    [InlineData("Authorization", "Bearer KEY", 200)]
    [InlineData("Authorization", "bearer KEY", 200)]
    [InlineData("x-api-key", "KEY", 200)]
    [InlineData("X-API-KEY", " KEY ", 200)]
    [InlineData("api-key", "KEY", 200)]
    [InlineData("Authorization", "KEY", 401)]
    [InlineData("Authorization", "Basic KEY", 401)]
    [InlineData("Authorization", "Bearer ", 401)]
    [InlineData("Authorization", "Bearer KEYx", 401)]
    [InlineData("Authorization", "Bearer a.b.c", 401)]
    [InlineData("x-api-key", "", 401)]
    [InlineData("api-key", "rgk_wrong", 401)]
    [InlineData("Cookie", "key=KEY", 401)]
    [InlineData("Sec-WebSocket-Protocol", "openai-insecure-api-key.KEY", 401)] // no upgrade
    [InlineData("X-Nothing", "", 401)]
    public async Task A_key_counts_in_the_forms_that_OpenAI_clients_use(string header, string value, int status)
    {
        using var response = await MintAsync((header, value.Replace("KEY", _web.Key, StringComparison.Ordinal)));

        await ShouldBeAsync(response, status);
    }

    [Fact]
    public async Task A_key_in_the_query_is_none()
    {
        using var response = await _gateway.MintAsync("{}", $"/sessions?api-key={_web.Key}");

        await ShouldBeAsync(response, 401);
    }

    [Theory]
    [InlineData("Bearer WEB", "WEB", 200)]
    [InlineData("Bearer WEB", "OLD", 401)]
    [InlineData("Bearer WEB", "nonsense", 401)]
    [InlineData("Basic WEB", "WEB", 401)]
    public async Task Two_credentials_must_agree(string authorization, string key, int status)
    {
        using var response = await MintAsync(("Authorization", Fill(authorization)), ("x-api-key", Fill(key)));

        await ShouldBeAsync(response, status);
    }

    [Fact]
    public async Task The_same_header_twice_proves_nobody()
    {
        using var response = await MintAsync(("x-api-key", _web.Key), ("x-api-key", _web.Key));

        await ShouldBeAsync(response, 401);
    }

    [Theory]
    [InlineData("openai-insecure-api-key.WEB", 400)] // past this step: the route takes no sockets
    [InlineData("openai-insecure-api-key.wrong", 401)]
    [InlineData("openai-insecure-api-key.", 401)]
    [InlineData("openai-beta.realtime-v1", 401)]
    public async Task A_browsers_socket_brings_its_key_as_a_subprotocol(string subprotocol, int status)
    {
        await using var gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Callers:Keys:web:Hash"] = _web.Hash }, settings =>
            settings.Set("ReverseProxy:Routes:any", """{ "ClusterId": "azureopenai", "Match": { "Path": "/any" } }"""));
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        socket.Options.AddSubProtocol("realtime");
        socket.Options.AddSubProtocol(Fill(subprotocol));

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(
            new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/any" }.Uri, TestContext.Current.CancellationToken));

        Assert.Equal(status, (int)socket.HttpStatusCode);
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task An_expired_key_opens_nothing()
    {
        using var before = await MintAsync(("api-key", _old.Key));
        _time.SetUtcNow(DateTimeOffset.Parse("2026-06-01T00:00:20Z", System.Globalization.CultureInfo.InvariantCulture));
        using var after = await MintAsync(("api-key", _old.Key));

        await ShouldBeAsync(before, 200);
        await ShouldBeAsync(after, 401);
    }

    [Fact]
    public async Task A_key_reaches_neither_Azure_nor_the_log_nor_an_answer()
    {
        using var good = await MintAsync(("Authorization", $"Bearer {_web.Key}"), ("x-api-key", _web.Key), ("api-key", _web.Key));
        using var bad = await MintAsync(("Authorization", "Bearer rgk_somebody_elses"));

        await ShouldBeAsync(good, 200);
        var received = _azure.Received;
        Assert.Equal(["Content-Length", "Content-Type", "Host", "api-key"], received.Headers!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([Gateway.Key], received.Headers["api-key"]);
        var written = string.Join('\n', _gateway.Logs.GetSnapshot().Select(record => record.ToString())) + await good.VisibleAsync() + await bad.VisibleAsync();
        Assert.All([_web.Key, _web.Hash[7..], "rgk_", "key:web"], secret => Assert.DoesNotContain(secret, written, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_does_not_go_on_to_a_destination_without_a_credential_either()
    {
        await using var upstream = await StreamingUpstream.StartAsync();
        upstream.Finish();
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?> { ["Callers:Keys:web:Hash"] = _web.Hash, ["Credentials:west:ApiKey:Primary"] = Gateway.Key },
            settings =>
            {
                settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""{ "west": { "Address": "{{_azure.Url}}", "Metadata": { "Credential": "west" } } }""");
                settings.Set("ReverseProxy:Clusters:own", $$"""{ "Destinations": { "one": { "Address": "{{upstream.Url}}" } } }""");
                settings.Set("ReverseProxy:Routes:own", """{ "ClusterId": "own", "Match": { "Path": "/own" } }""");
            });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/own")
        {
            Headers = { { "Authorization", $"Bearer {_web.Key}" }, { "x-api-key", _web.Key }, { "Sec-WebSocket-Protocol", $"realtime, openai-insecure-api-key.{_web.Key}" }, { "X-Other", "passed" } },
        };

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("passed", upstream.Received["X-Other"]);
        Assert.DoesNotContain("Authorization", upstream.Received.Keys);
        Assert.DoesNotContain(upstream.Received.Values, value => value.Contains(_web.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_added_or_taken_away_counts_without_a_restart()
    {
        await using var gateway = Gateway.StartWith(_azure.Url, change: settings => settings.Set("Callers:Keys:web:Hash", $"\"{_web.Hash}\""));
        using var before = await MintAsync(gateway, ("api-key", _web.Key));
        await gateway.ReloadAsync(settings => settings.Set("Callers:Keys", $$"""{ "other": { "Hash": "{{_old.Hash}}" } }"""));
        using var after = await MintAsync(gateway, ("api-key", _web.Key));
        using var other = await MintAsync(gateway, ("api-key", _old.Key));

        Assert.Equal([200, 401, 200], [(int)before.StatusCode, (int)after.StatusCode, (int)other.StatusCode]);
    }

    private string Fill(string text) => text.Replace("WEB", _web.Key, StringComparison.Ordinal).Replace("OLD", _old.Key, StringComparison.Ordinal);

    private Task<HttpResponseMessage> MintAsync(params (string Name, string Value)[] headers) => MintAsync(_gateway, headers);

    private static Task<HttpResponseMessage> MintAsync(Gateway gateway, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("{}") };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task ShouldBeAsync(HttpResponseMessage response, int status)
    {
        if (status != 401)
        {
            Assert.Equal(status, (int)response.StatusCode);
            return;
        }

        await response.ShouldFailAsync(401, "unauthorized");
        Assert.Equal(["Bearer"], response.Headers.GetValues("WWW-Authenticate"));
    }
}
