using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>A gateway with the route <c>/realtime</c> to a scripted service.</summary>
internal sealed class SocketGateway : IAsyncDisposable
{
    private readonly ConcurrentBag<Peer> _callers = [];

    private SocketGateway(SocketUpstream upstream, Gateway gateway) => (Upstream, Gateway) = (upstream, gateway);

    public SocketUpstream Upstream { get; }

    public Gateway Gateway { get; }

    public static async Task<SocketGateway> StartAsync(
        Action<JsonNode>? change = null, TimeProvider? time = null, IReadOnlyDictionary<string, string?>? variables = null, string path = "/realtime")
    {
        var upstream = await SocketUpstream.StartAsync();
        var gateway = Gateway.StartWith(
            upstream.Url,
            variables,
            settings =>
            {
                settings.Set("Realtime:Profiles:assistant:Instructions", "\"secret instructions\"");
                settings.Set("Realtime:Profiles:assistant:Tools", """[ { "Name": "secretTool" } ]""");
                change?.Invoke(settings);
            },
            time is null ? null : services => services.AddSingleton(time));
        return new(upstream, gateway) { Path = path };
    }

    /// <summary>The route that callers come to.</summary>
    public string Path { get; init; } = "/realtime";

    public Uri Address(string query = "") => new UriBuilder(Gateway.Http.BaseAddress!) { Scheme = "ws", Path = Path, Query = query }.Uri;

    /// <summary>Opens a socket and hears that the session was created.</summary>
    public async Task<(Peer Caller, Peer Upstream)> OpenAsync(string query = "", Action<ClientWebSocketOptions>? options = null)
    {
        var caller = await ConnectAsync(query, options);
        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        return (caller, await Upstream.NextAsync());
    }

    public async Task<Peer> ConnectAsync(string query = "", Action<ClientWebSocketOptions>? options = null)
    {
        var socket = new ClientWebSocket();
        options?.Invoke(socket.Options);
        using var clock = new CancellationTokenSource(Peer.Patience);
        var caller = new Peer(socket);
        _callers.Add(caller);
        await socket.ConnectAsync(Address(query), clock.Token);
        return caller;
    }

    /// <summary>The answer to a handshake that is refused: status, body and <c>Retry-After</c>.</summary>
    public async Task<HttpResponseMessage> RefusedAsync(string query = "", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path + (query.Length > 0 ? "?" + query : ""));
        foreach (var (name, value) in UpgradeHeaders.Concat(headers))
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        return response;
    }

    public async ValueTask DisposeAsync()
    {
        // First those who talk: a gateway that ends would wait for their goodbyes.
        foreach (var caller in _callers)
            await caller.DisposeAsync();
        await Upstream.DisposeAsync();
        await Gateway.DisposeAsync();
    }

    private static readonly (string Name, string Value)[] UpgradeHeaders =
        [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")];
}
