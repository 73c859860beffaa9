using System.Buffers;
using System.Net.WebSockets;

namespace RealtimeGateway.Bench.Sockets;

/// <summary>Events of 4 KiB, as 64 ms of sound make them.</summary>
internal static class Events
{
    public static string Append { get; } = $$"""{"type":"input_audio_buffer.append","audio":"{{new string('A', 4096)}}"}""";

    public static string Delta { get; } =
        $$"""{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"{{new string('A', 4096)}}"}""";

    /// <summary>Reads a message to its end; <c>false</c> when the peer closed.</summary>
    public static async Task<bool> ReceiveAsync(WebSocket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), default);
                if (received.MessageType is WebSocketMessageType.Close || received.EndOfMessage)
                    return received.MessageType is not WebSocketMessageType.Close;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
