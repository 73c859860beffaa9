using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>A media peer without a browser: the socket of the peer page, held by a test.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    public const string Answer = "v=0\r\nthe answer";

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[4 * 1024 * 1024];

    /// <summary>Connects as the page does, and returns once the simulator may choose it.</summary>
    public static async Task<ScriptedPeer> ConnectAsync(SimulatedAzure azure, string tag = "")
    {
        var peer = new ScriptedPeer();
        await peer.ConnectAsync(azure, tag, azure.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.Equal("waiting", (string?)(await peer.ReceiveAsync())["type"]);
        return peer;
    }

    /// <summary>Connects from a page of any origin.</summary>
    public Task ConnectAsync(SimulatedAzure azure, string tag, string? origin, string? host = null)
    {
        if (host is not null)
            _socket.Options.SetRequestHeader("Host", host);
        if (origin is not null)
            _socket.Options.SetRequestHeader("Origin", origin);
        var address = new UriBuilder(azure.Http.BaseAddress!) { Scheme = "ws", Path = "/peer/socket", Query = "tag=" + Uri.EscapeDataString(tag) };
        return _socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken);
    }

    /// <summary>The next text message; sound in between is passed over.</summary>
    public async Task<JsonObject> ReceiveAsync()
    {
        using var patience = SocketClient.Patience();
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (part.MessageType == WebSocketMessageType.Close)
                return new() { ["type"] = "closed" };
            if (part.MessageType == WebSocketMessageType.Text)
                return JsonNode.Parse(Encoding.UTF8.GetString(_buffer, 0, length))!.AsObject();
        }
    }

    /// <summary>Takes the offer and answers it.</summary>
    public async Task<string> AnswerAsync()
    {
        var offer = await ReceiveAsync();
        Assert.Equal("offer", (string?)offer["type"]);
        await SendAsync(new() { ["type"] = "answer", ["sdp"] = Answer });
        return (string)offer["sdp"]!;
    }

    public Task SendAsync(JsonObject message) => _socket.SendAsync(
        Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>Sends a client event as if it had come over the data channel.</summary>
    public Task SendEventAsync(string clientEvent) => SendAsync(new() { ["type"] = "event", ["data"] = clientEvent });

    /// <summary>The type of the next server event.</summary>
    public async Task<string> EventAsync()
    {
        var message = await ReceiveAsync();
        Assert.Equal("event", (string?)message["type"]);
        return (string)JsonNode.Parse((string)message["data"]!)!["type"]!;
    }

    public void Dispose() => _socket.Dispose();
}
