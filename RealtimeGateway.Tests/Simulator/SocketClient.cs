using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>The client's end of the event protocol over a WebSocket.</summary>
internal static class SocketClient
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What does not come at all fails the test, rather than holding it up for ever.</summary>
    public static CancellationTokenSource Patience()
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        return patience;
    }

    public static async Task<ClientWebSocket> ConnectAsync(SimulatedAzure azure, string path, string? header, string? value, params string[] protocols)
    {
        var socket = new ClientWebSocket();
        if (header is not null) socket.Options.SetRequestHeader(header, value);
        foreach (var protocol in protocols) socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(new UriBuilder(new Uri(azure.Http.BaseAddress!, path)) { Scheme = "ws" }.Uri, Token);
        return socket;
    }

    public static Task<HttpResponseMessage> HandshakeAsync(SimulatedAzure azure, string path, string? header, string? value)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (header is not null) request.Headers.Add(header, value);
        return azure.SendAsync(request);
    }

    public static Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, Token);

    public static async Task<List<JsonObject>> UntilAsync(ClientWebSocket socket, string type)
    {
        var events = new List<JsonObject>();
        do events.Add(await NextAsync(socket)); while (Talk.TypeOf(events[^1]) != type);
        return events;
    }

    public static async Task<JsonObject> NextAsync(ClientWebSocket socket, bool expectsClose = false)
    {
        using var patience = Patience();
        using var message = new MemoryStream();
        var piece = new byte[64 * 1024];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(piece.AsMemory(), patience.Token);
            message.Write(piece, 0, received.Count);
        }
        while (!received.EndOfMessage);
        Assert.Equal(expectsClose ? WebSocketMessageType.Close : WebSocketMessageType.Text, received.MessageType);
        return expectsClose ? [] : JsonNode.Parse(message.ToArray())!.AsObject();
    }

    public static Task CloseAsync(ClientWebSocket socket) => socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);
}
