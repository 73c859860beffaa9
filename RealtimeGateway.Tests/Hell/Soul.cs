using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeGateway.Tests.Hell;

/// <summary>A connection in torment: what the service can do to it.</summary>
internal sealed class Soul(string name, NetworkStream stream, string head, ConcurrentDictionary<string, long> taken, CancellationToken end)
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(20);

    public string Head => head;

    public string Name => name;

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes, end);
        taken.AddOrUpdate(name, bytes.Length, (_, sum) => sum + bytes.Length);
    }

    /// <summary>Says it again and again until the gateway goes away.</summary>
    public async Task RepeatAsync(byte[] bytes)
    {
        while (true)
            await SendAsync(bytes);
    }

    public Task RepeatAsync(string text) => RepeatAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Says it byte by byte, and then nothing.</summary>
    public async Task DripAsync(string text)
    {
        using var timer = new PeriodicTimer(Drip);
        foreach (var letter in text)
        {
            await SendAsync([(byte)letter]);
            await timer.WaitForNextTickAsync(end);
        }

        await WaitAsync();
    }

    /// <summary>Says nothing until the gateway goes away.</summary>
    public async Task WaitAsync()
    {
        var ignored = new byte[4096];
        while (await stream.ReadAsync(ignored, end) > 0)
        {
        }
    }

    /// <summary>Accepts a WebSocket and says what a session begins with.</summary>
    public async Task OpenAsync()
    {
        await SendAsync(Accept(head));
        await BeginAsync(stream, end);
    }

    public static string Accept(string head) =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: realtime\r\nSec-WebSocket-Accept: {AcceptOf(head)}\r\n\r\n";

    public static string AcceptOf(string head)
    {
        var key = head.Split("\r\n").First(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))["Sec-WebSocket-Key: ".Length..];
#pragma warning disable CA5350 // RFC 6455 has it so.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    /// <summary>A conversation as it should be: until the gateway says goodbye.</summary>
    public static async Task ConverseAsync(NetworkStream stream, CancellationToken end)
    {
        await BeginAsync(stream, end);
        var head = new byte[2];
        while (true)
        {
            await stream.ReadExactlyAsync(head, end);
            var length = head[1] & 0x7F;
            await stream.ReadExactlyAsync(new byte[4 + length], end); // a goodbye or a pong is short
            if ((head[0] & 0x0F) == 8)
                await stream.WriteAsync(new byte[] { 0x88, 0x02, 0x03, 0xE8 }, end);
        }
    }

    /// <summary>A frame as a server writes it.</summary>
    public static byte[] Frame(byte first, string text) => Frame(first, Encoding.UTF8.GetBytes(text));

    public static byte[] Frame(byte first, byte[] payload) => payload.Length > 125
        ? [first, 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload]
        : [first, (byte)payload.Length, .. payload];

    private static async Task BeginAsync(NetworkStream stream, CancellationToken end)
    {
        await stream.WriteAsync(Frame(0x81, Sockets.SocketUpstream.Created), end);
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, end); // session.update takes 126 to 65,535 bytes
        await stream.ReadExactlyAsync(new byte[4 + (head[2] << 8 | head[3])], end);
        await stream.WriteAsync(Frame(0x81, """{"type":"session.updated","event_id":"e","session":{"type":"realtime","id":"sess_1","expires_at":1900000000}}"""), end);
    }
}
