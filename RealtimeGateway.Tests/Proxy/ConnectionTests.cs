using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Proxy;
using RealtimeGateway.Tests.Infrastructure;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>How the gateway connects to destinations.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("authority-").FullName;

    private string Authority => Path.Combine(_folder, "ca.pem");

    [Fact]
    public async Task A_connection_is_open_before_the_first_mint_and_carries_it_over_http_2()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        upstream.WriteAuthority(Authority);
        await using var gateway = Gateway.StartWith(upstream.Url, change: Trust);
        await Eventually.ShouldAsync(() => upstream.Received.Count == 1);

        using var response = await gateway.MintAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (warm, mint) = (upstream.Received.First(), upstream.Received.Last());
        Assert.Equal(("HEAD", "HTTP/2", "Host"), (warm.Method, warm.Protocol, warm.Headers));
        Assert.Equal(("POST", "HTTP/2", warm.Connection), (mint.Method, mint.Protocol, mint.Connection));
    }

    [Fact]
    public async Task A_destination_added_live_is_warmed_too_and_the_others_keep_their_connections()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        upstream.WriteAuthority(Authority);
        await using var gateway = Gateway.Start(Gateway.Generous, settings =>
        {
            Trust(settings);
            Regions.AddDestination(settings, "one", upstream.Url);
        });
        await Eventually.ShouldAsync(() => upstream.Received.Count == 1);
        await using var another = await TlsUpstream.StartAsync();

        await gateway.ReloadAsync(settings => Regions.AddDestination(settings, "two", another.Url));

        await Eventually.ShouldAsync(() => upstream.Received.Count == 2);
        Assert.Single(upstream.Received.Select(request => request.Connection).Distinct());
        await gateway.WhenLoggedAsync("No connection to destination two");
        Assert.Empty(another.Received); // its authority is not trusted
    }

    [Fact]
    public async Task A_certificate_of_nobody_we_trust_gets_no_key()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var gateway = Gateway.StartWith(upstream.Url);
        gateway.Announce("Forwarding failed: connect");

        using var response = await gateway.MintAsync();

        await response.ShouldFailAsync(502, "upstream_unavailable");
        Assert.Empty(upstream.Received);
    }

    [Fact]
    public async Task A_turned_authority_is_in_force_after_the_next_reload()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var another = await TlsUpstream.StartAsync();
        another.WriteAuthority(Authority);
        await using var gateway = Gateway.StartWith(upstream.Url, change: Trust);
        gateway.Announce("Forwarding failed: connect");
        using var before = await gateway.MintAsync();

        upstream.WriteAuthority(Authority);
        await gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));
        using var after = await gateway.MintAsync();

        Assert.Equal((HttpStatusCode.BadGateway, HttpStatusCode.OK), (before.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task A_handshake_that_does_not_end_is_given_up_after_the_connect_timeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var gateway = Gateway.StartWith(
            $"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}",
            change: settings => settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:ConnectTimeout", "\"00:00:00.200\""));
        gateway.Announce("Forwarding failed: connect");

        using var response = await gateway.MintAsync();

        await response.ShouldFailAsync(504, "upstream_timeout");
    }

    [Fact]
    public async Task A_proxy_is_used_when_the_cluster_names_one()
    {
        var asked = new TaskCompletionSource<string>();
        await using var proxy = await ScriptedUpstream.StartAsync(context =>
        {
            asked.TrySetResult(context.Request.Host.Value!);
            return context.Response.WriteAsync(Azure.GaAnswer().ToJsonString());
        });
        await using var gateway = Gateway.StartWith(
            "http://127.0.0.1:1", change: settings => settings.Set("ReverseProxy:Clusters:azureopenai:HttpClient:WebProxy", $$"""{ "Address": "{{proxy.Url}}" }"""));

        using var response = await gateway.MintAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("127.0.0.1:1", await asked.Task);
    }

    [Fact]
    public async Task Another_connect_timeout_counts_without_a_restart_and_other_changes_keep_the_connections()
    {
        await using var gateway = Gateway.StartWith("https://127.0.0.1:1");
        var before = Client(gateway);
        await gateway.ReloadAsync(settings => settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "\"5\""));
        var same = Client(gateway);

        await gateway.ReloadAsync(settings => settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:ConnectTimeout", "\"00:00:09\""));

        Assert.Same(before, same);
        Assert.NotSame(same, Client(gateway));
    }

    [Fact]
    public void No_connection_outlives_a_change_of_DNS_by_more_than_five_minutes()
    {
        using var handler = new SocketsHttpHandler();

        // What YARP calls with every handler that it makes.
        typeof(DestinationClient).GetMethod("ConfigureHandler", BindingFlags.Instance | BindingFlags.NonPublic)!
            .Invoke(new DestinationClient(), [new ForwarderHttpClientContext { NewConfig = HttpClientConfig.Empty }, handler]);

        Assert.InRange(handler.PooledConnectionLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static HttpMessageInvoker Client(Gateway gateway) =>
        gateway.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("azureopenai", out var cluster) ? cluster.Model.HttpClient : throw new KeyNotFoundException();

    private void Trust(JsonNode settings) =>
        settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CertificateAuthority", JsonValue.Create(Authority).ToJsonString());
}
