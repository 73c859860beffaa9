using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>What an upstream can do beyond an ordinary answer, on a route that passes things through.</summary>
public sealed class ProtectionTests
{
    private const string Path = "/openai/v1/anything";

    [Fact]
    public async Task Trailers_stay_inside()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var upstream = AnswerAsync(listener, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-leaked\r\n\r\n4\r\nfine\r\n0\r\nx-leaked: leaked trailer\r\n\r\n");
        await using var gateway = Gateway.StartWith(
            $"http://{listener.LocalEndpoint}",
            new Dictionary<string, string?> { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" }, // only HTTP/2 has trailers for the caller
            settings => settings.Set("ReverseProxy:Routes:any", $$"""{ "ClusterId": "azureopenai", "Match": { "Path": "{{Path}}" } }"""));
        using var request = new HttpRequestMessage(HttpMethod.Get, Path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("fine", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(response.TrailingHeaders);
        await upstream;
    }

    [Fact]
    public async Task The_reason_phrase_is_ours()
    {
        await using var upstream = await ScriptedUpstream.StartAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = "leaked reason";
            return context.Response.WriteAsync("fine");
        });
        await using var gateway = StartBefore(upstream);

        using var response = await gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "OK"), (response.StatusCode, response.ReasonPhrase));
    }

    [Fact]
    public async Task A_long_error_body_stays_inside()
    {
        await using var upstream = await ScriptedUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("{\"error\":{\"code\":\"leaked\",\"message\":\"" + new string('x', 100_000) + "\"}}");
        });
        await using var gateway = StartBefore(upstream);
        gateway.Announce("answered 400");

        using var response = await gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(400, "upstream_rejected");
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("xxx", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, 429, "upstream_rate_limited")]
    [InlineData(503, 502, "upstream_unavailable")]
    public async Task An_error_whose_body_never_comes_is_told_by_its_status(int upstreamStatus, int status, string code)
    {
        await using var upstream = await ScriptedUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = upstreamStatus;
            await context.Response.WriteAsync("{\"err");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var gateway = StartBefore(upstream);
        gateway.Announce($"answered {upstreamStatus}");

        using var response = await gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(status, code);
    }

    [Fact]
    public async Task A_compressed_answer_keeps_its_encoding()
    {
        await using var upstream = await ScriptedUpstream.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("readable"));
        });
        await using var gateway = StartBefore(upstream);

        using var response = await gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        using var reader = new StreamReader(new GZipStream(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress));
        Assert.Equal("readable", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_page_of_the_upstream_does_not_get_the_rights_of_ours()
    {
        await using var upstream = await ScriptedUpstream.StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<script>alert(1)</script>");
        });
        await using var gateway = StartBefore(upstream);

        using var response = await gateway.Http.GetAsync(Path, TestContext.Current.CancellationToken);

        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], response.Headers.GetValues("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("OPTIONS")]
    [InlineData("FOO")]
    public async Task A_method_that_no_route_needs_never_reaches_the_upstream(string method)
    {
        await using var upstream = await ScriptedUpstream.StartAsync(_ => throw new InvalidOperationException("It must not come here."));
        await using var gateway = StartBefore(upstream);
        using var request = new HttpRequestMessage(new HttpMethod(method), Path);

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(405, "method_not_allowed");
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("SPDY/3.1")]
    public async Task No_tunnel_can_be_opened(string protocol)
    {
        await using var upstream = await ScriptedUpstream.StartAsync(_ => throw new InvalidOperationException("It must not come here."));
        await using var gateway = StartBefore(upstream);
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", protocol);

        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(400, "invalid_request");
    }

    [Fact]
    public async Task A_caller_that_stalls_is_told_so_and_the_upstream_is_not_blamed()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url, change: settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:Timeout", "\"00:00:00.5\""));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, gateway.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"u8.ToArray(), TestContext.Current.CancellationToken);

        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, azure.Requests);
    }

    [Fact]
    public async Task Without_a_usable_destination_the_caller_may_come_back()
    {
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url, change: settings =>
            settings.Set("ReverseProxy:Clusters:azureopenai:HealthCheck", """{ "AvailableDestinationsPolicy": "HealthyAndUnknown", "Passive": { "Enabled": true } }"""));
        Assert.True(gateway.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("azureopenai", out var cluster));
        cluster.Destinations["default"].Health.Passive = DestinationHealth.Unhealthy;
        gateway.Services.GetRequiredService<IClusterDestinationsUpdater>().UpdateAvailableDestinations(cluster);

        using var response = await gateway.MintAsync();

        await response.ShouldFailAsync(503, "no_destination");
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_destination_that_a_reload_renames_costs_no_request()
    {
        using var azure = new Azure();
        azure.Mints();
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?>(Gateway.Generous) { ["Credentials:west:ApiKey:Primary"] = Gateway.Key },
            settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", Named("west0", azure)));
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await gateway.MintAsync();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        }).ToArray();

        for (var i = 1; i <= 4; i++)
            Assert.Contains("in force", await gateway.ReloadAsync(settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", Named($"west{i}", azure))), StringComparison.Ordinal);

        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        using var socket = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
        {
            // the request's head
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
    }

    private static string Named(string name, Azure azure) => $$"""{ "{{name}}": { "Address": "{{azure.Url}}", "Metadata": { "Credential": "west" } } }""";

    private static Gateway StartBefore(ScriptedUpstream upstream) => Gateway.StartWith(upstream.Url, change: settings =>
        settings.Set("ReverseProxy:Routes:any", $$"""{ "ClusterId": "azureopenai", "Match": { "Path": "{{Path}}" } }"""));
}
