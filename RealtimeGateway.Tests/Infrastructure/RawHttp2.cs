using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A frame of HTTP/2 (RFC 9113, 4.1).</summary>
internal sealed record Http2Frame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, GoAway = 7;

    /// <summary>Of a reset or a goodbye: why (RFC 9113, 7).</summary>
    public uint ErrorCode => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(Type is GoAway ? 4 : 0));

    /// <summary>Whether these headers begin an answer of this status. (The server writes its headers without Huffman's code.)</summary>
    public bool HasStatus(string status) => Type is Headers && Encoding.ASCII.GetString(Payload).Contains(status, StringComparison.Ordinal);
}

/// <summary>A caller that writes its own HTTP/2 frames, over cleartext with prior knowledge, as no client library would.</summary>
internal sealed class RawHttp2 : IDisposable
{
    private const byte EndStream = 1, EndHeaders = 4, Ack = 1, Cancel = 8;
    private const int FrameHead = 9;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawHttp2(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    public static async Task<RawHttp2> OpenAsync(Gateway gateway)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(gateway.Http.BaseAddress!.Host, gateway.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        var connection = new RawHttp2(client);
        await connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.SendAsync(Http2Frame.Settings, flags: 0, stream: 0, []);
        await connection.HearAsync(frame => frame is { Type: Http2Frame.Settings, Flags: Ack });
        return connection;
    }

    /// <summary>Begins a <c>POST</c>, which ends here or has a body to come.</summary>
    /// <param name="isWhole">Whether the headers end with these.</param>
    public Task BeginAsync(int stream, bool hasBody, IEnumerable<(string Name, string Value)>? headers = null, bool isWhole = true, byte[]? before = null, string path = "/sessions")
    {
        (string, string)[] request = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("content-type", "application/json")];
        byte[] block = [.. before ?? [], .. request.Concat(headers ?? []).SelectMany(Literal)];
        return SendAsync(Http2Frame.Headers, (byte)((hasBody ? 0 : EndStream) | (isWhole ? EndHeaders : 0)), stream, block);
    }

    public Task SendBodyAsync(int stream, byte[] body) => SendAsync(Http2Frame.Data, flags: 0, stream, body);

    /// <summary>Takes a request back.</summary>
    public Task ResetAsync(int stream) => SendAsync(Http2Frame.Reset, flags: 0, stream, [0, 0, 0, Cancel]);

    /// <summary>The next frame that fits; fails when the server ends the connection without one.</summary>
    public async Task<Http2Frame> HearAsync(Func<Http2Frame, bool> fits)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var head = new byte[FrameHead];
            await _stream.ReadExactlyAsync(head, patience.Token);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await _stream.ReadExactlyAsync(payload, patience.Token);
            var frame = new Http2Frame(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
            if (frame is { Type: Http2Frame.Settings, Flags: 0 })
                await SendAsync(Http2Frame.Settings, Ack, stream: 0, []);
            if (fits(frame))
                return frame;
        }
    }

    /// <summary>Waits until the server ends the connection, politely or not.</summary>
    public async Task HearTheEndAsync()
    {
        var end = await Assert.ThrowsAnyAsync<IOException>(() => HearAsync(_ => false));
        Assert.True(end is EndOfStreamException || end.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset }, end.ToString());
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var head = new byte[FrameHead];
        (head[0], head[1], head[2], head[3], head[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(5), stream);
        await WriteAsync([.. head, .. payload]);
    }

    private async Task WriteAsync(byte[] bytes) => await _stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>A header field that leaves the compression's table alone (RFC 7541, 6.2.2).</summary>
    private static byte[] Literal((string Name, string Value) field) => [0, .. Text(field.Name), .. Text(field.Value)];

    private static byte[] Text(string text) => [.. Number(text.Length), .. Encoding.ASCII.GetBytes(text)];

    /// <summary>An integer with a prefix of seven bits (RFC 7541, 5.1).</summary>
    private static IEnumerable<byte> Number(int value)
    {
        const int Prefix = 127;
        if (value < Prefix)
        {
            yield return (byte)value;
            yield break;
        }

        yield return Prefix;
        for (value -= Prefix; value >= 128; value /= 128)
            yield return (byte)((value % 128) + 128);
        yield return (byte)value;
    }
}
