using System.Net.WebSockets;
using System.Text;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>Puts the frames of one text message together.</summary>
internal sealed class SocketReader(WebSocket socket)
{
    // The documented 15 MiB of audio in base64, with room for the event around it.
    private const int MaxBytes = 15 * 1024 * 1024 / 3 * 4 + 64 * 1024;

    private readonly byte[] _piece = new byte[16 * 1024];

    /// <summary>The next message, or why there is none: the client closed (with its own status), or sent what is not taken.</summary>
    public async Task<(string? Message, WebSocketCloseStatus Reason)> ReadAsync()
    {
        using var message = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(_piece.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close) return (null, WebSocketCloseStatus.NormalClosure);
            if (received.MessageType == WebSocketMessageType.Binary) return (null, WebSocketCloseStatus.InvalidMessageType);
            message.Write(_piece, 0, received.Count);
            if (message.Length > MaxBytes) return (null, WebSocketCloseStatus.MessageTooBig);
            if (received.EndOfMessage) return (Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length), default);
        }
    }
}
