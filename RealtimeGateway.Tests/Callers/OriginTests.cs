using System.Net;
using System.Net.WebSockets;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class OriginTests : IAsyncLifetime
{
    private readonly Azure _azure = new();
    private Gateway _gateway = null!;

    public ValueTask InitializeAsync()
    {
        _azure.Mints();
        _gateway = Start("Http1");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _azure.AssertNothingUnexpected();
        _azure.Dispose();
    }

    /// <summary>Host as the gateway sees it, origin, what the browser says of the site, and whether that may change anything.</summary>
    [Theory]
    [InlineData("gw.example", null, null, true)]
    [InlineData("gw.example", null, "cross-site", true)] // no page: a link or a program
    [InlineData("gw.example", "http://gw.example", null, true)]
    [InlineData("gw.example", "https://gw.example", null, true)] // TLS ended at a proxy
    [InlineData("gw.example:443", "https://gw.example", null, true)]
    [InlineData("gw.example:8000", "http://gw.example:8000", null, true)]
    [InlineData("GW.example", "https://gw.EXAMPLE", null, true)]
    [InlineData("gw.example:8000", "http://gw.example:9000", null, false)]
    [InlineData("gw.example", "http://gw.example:8000", null, false)]
    [InlineData("gw.example", "https://gw.example.evil.example", null, false)]
    [InlineData("gw.example", "https://evil.example", null, false)]
    [InlineData("gw.example", "https://evil.example", "cross-site", false)]
    [InlineData("gw.example", "https://sub.gw.example", "same-site", false)]
    [InlineData("gw.example", "https://gw.example", "cross-site", false)]
    [InlineData("localhost:1234", "https://public.example", "same-origin", true)] // a proxy that changed the host
    [InlineData("gw.example", "null", null, false)]
    [InlineData("gw.example", "null", "cross-site", false)]
    [InlineData("gw.example", "file://gw.example", null, false)]
    [InlineData("gw.example", "", null, false)]
    [InlineData("gw.example", "nonsense", null, false)]
    [InlineData("gw.example", "https://app.example", "cross-site", true)]
    [InlineData("gw.example", "capacitor://localhost", null, true)]
    public async Task A_page_may_change_things_from_this_origin_or_a_listed_one(string host, string? origin, string? site, bool may)
    {
        using var response = await MintAsync(host, origin, site);

        if (may)
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else
            await response.ShouldFailAsync(403, "forbidden");
        Assert.Equal(may ? 1 : 0, _azure.Requests);
    }

    [Theory]
    [InlineData("https://gw.example", true)]
    [InlineData("http://gw.example", false)] // whoever can change a page that came without TLS must not reach what is behind it
    public async Task Where_TLS_is_known_a_page_that_came_without_it_is_another_origin(string origin, bool may)
    {
        await using var gateway = Start("Http1", ("Proxies:0", "127.0.0.1"), ("Proxies:1", "::1"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("{}"), Headers = { Host = "gw.example" } };
        request.Headers.Add("Origin", origin);
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(may ? 200 : 403, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    [InlineData("PATCH", false)]
    [InlineData("DELETE", false)]
    public async Task Another_origin_may_read_and_not_write(string method, bool may)
    {
        _azure.Answers("/any", 200, "");
        using var request = new HttpRequestMessage(new HttpMethod(method), "/any") { Headers = { { "Origin", "https://app.example" } } }; // listed for another route

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(may ? 200 : 403, (int)response.StatusCode);
        Assert.Equal(may ? 1 : 0, _azure.Requests);
    }

    [Theory]
    [InlineData("/any", "https://evil.example", 403)]
    [InlineData("/any", "null", 403)]
    [InlineData("/any", "https://app.example", 403)]
    [InlineData("/listed", "https://evil.example", 403)]
    [InlineData("/listed", "https://app.example", 400)] // past this step: the route takes no sockets
    [InlineData("/any", "http://localhost:PORT", 400)]
    [InlineData("/any", null, 400)]
    public async Task A_socket_is_opened_from_this_origin_or_a_listed_one(string path, string? origin, int status) =>
        Assert.Equal(status, await ConnectAsync(_gateway, HttpVersion.Version11, path, origin));

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost:PORT", 405)] // past this step
    [InlineData(null, 405)]
    public async Task A_socket_over_HTTP2_is_judged_alike(string? origin, int status)
    {
        await using var gateway = Start("Http2");

        Assert.Equal(status, await ConnectAsync(gateway, HttpVersion.Version20, "/any", origin));
    }

    private async Task<int> ConnectAsync(Gateway gateway, Version version, string path, string? origin)
    {
        var address = new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Host = "localhost", Path = path }.Uri;
        using var socket = new ClientWebSocket
        {
            Options = { HttpVersion = version, HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact, CollectHttpResponseDetails = true },
        };
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin.Replace("PORT", address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, invoker, TestContext.Current.CancellationToken));

        Assert.Equal(0, _azure.Requests);
        return (int)socket.HttpStatusCode;
    }

    private Gateway Start(string protocol, params (string Key, string? Value)[] more) => Gateway.StartWith(
        _azure.Url,
        new Dictionary<string, string?>(more.Select(one => KeyValuePair.Create(one.Key, one.Value)))
        {
            ["AllowedHosts"] = "gw.example;localhost",
            ["Kestrel:EndpointDefaults:Protocols"] = protocol,
        },
        settings =>
        {
            settings.Set("Cors:default:Origins", """[ "https://app.example", "capacitor://localhost" ]""");
            settings.Set("ReverseProxy:Routes:any", """{ "ClusterId": "azureopenai", "Match": { "Path": "/any" } }""");
            settings.Set("ReverseProxy:Routes:listed", """{ "ClusterId": "azureopenai", "CorsPolicy": "default", "Match": { "Path": "/listed" } }""");
        });

    private Task<HttpResponseMessage> MintAsync(string host, string? origin, string? site)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("{}") };
        request.Headers.Host = host;
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        return _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
