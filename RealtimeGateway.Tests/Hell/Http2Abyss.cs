using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Hell;

/// <summary>A service that writes its own frames of HTTP/2, over cleartext with prior knowledge: its first request meets the torment, every other one is answered.</summary>
internal sealed class Http2Abyss : IAsyncDisposable
{
    private const byte EndStream = 1, EndHeaders = 4, Ack = 1;
    private const int PrefaceLength = 24, FrameHead = 9;

    // :status 200, content-type: application/json (RFC 7541, appendix A).
    private static readonly byte[] Ok = [0x88, 0x0F, 0x10, 16, .. "application/json"u8];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private Func<Http2Stream, Task>? _torment;

    public Http2Abyss(Func<Http2Stream, Task> torment)
    {
        _torment = torment;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
            _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.ReadExactlyAsync(new byte[PrefaceLength], _end.Token);
            await stream.WriteAsync(Frame(Http2Frame.Settings, 0, 0, []), _end.Token);
            var head = new byte[FrameHead];
            while (true)
            {
                await stream.ReadExactlyAsync(head, _end.Token);
                await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], _end.Token);
                if (head[3] == Http2Frame.Settings && head[4] == 0)
                    await stream.WriteAsync(Frame(Http2Frame.Settings, Ack, 0, []), _end.Token);
                if (head[3] != Http2Frame.Headers)
                    continue;
                var id = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5));
                if (Interlocked.Exchange(ref _torment, null) is not { } torment)
                {
                    await stream.WriteAsync(Answer(id), _end.Token);
                    continue;
                }

                await torment(new(id, bytes => stream.WriteAsync(bytes, _end.Token).AsTask()));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The gateway has had enough, or the test has.
        }
    }

    private static byte[] Answer(int id) =>
        [.. Frame(Http2Frame.Headers, EndHeaders, id, Ok), .. Frame(Http2Frame.Data, EndStream, id, System.Text.Encoding.ASCII.GetBytes(Azure.GaAnswer().ToJsonString()))];

    public static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[FrameHead + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, FrameHead);
        return frame;
    }

    public static byte[] Head(int stream) => Frame(Http2Frame.Headers, EndHeaders, stream, Ok);
}

/// <summary>A request that met the torment.</summary>
internal sealed record Http2Stream(int Id, Func<byte[], Task> SendAsync)
{
    public Task SendFrameAsync(byte type, byte flags, byte[] payload, bool isOfConnection = false) => SendAsync(Http2Abyss.Frame(type, flags, isOfConnection ? 0 : Id, payload));

    /// <summary>Again and again, until the gateway goes away, or this is better again.</summary>
    public async Task RepeatAsync(byte type, byte flags, byte[] payload, bool isOfConnection = false)
    {
        for (var i = 0; i < 20_000; i++)
            await SendFrameAsync(type, flags, payload, isOfConnection);
    }
}
