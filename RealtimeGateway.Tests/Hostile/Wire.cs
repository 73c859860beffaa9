using System.Net.Sockets;
using System.Text;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>Says bytes to the gateway over a connection of their own, and hears all that comes back.</summary>
internal static class Wire
{
    /// <summary>Nothing that a caller can send may take longer to be done with.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>When the gateway has been silent for so long, it waits for more: the caller hangs up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>A well-formed request, after which the connection ends.</summary>
    public static byte[] Post(string path, string type, byte[] body, params string[] headers) =>
    [
        .. Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {type}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}Content-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    /// <summary>Everything until the gateway ends the connection, which it must, or until it is enough.</summary>
    public static async Task<byte[]> SayAsync(Gateway gateway, byte[] bytes, TimeSpan? patience = null, Func<ReadOnlyMemory<byte>, bool>? isEnough = null)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new(enable: true, 0) }; // or thousands of ports would linger
        await socket.ConnectAsync(gateway.Http.BaseAddress!.Host, gateway.Http.BaseAddress.Port, bound.Token);
        var sending = SendAsync(socket, bytes, bound.Token);
        using var heard = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await HearAsync(socket, buffer, patience ?? Patience, bound.Token) is > 0 and var count)
        {
            heard.Write(buffer, 0, count);
            if (isEnough?.Invoke(heard.GetBuffer().AsMemory(0, (int)heard.Length)) is true)
                break;
        }

        await sending;
        return heard.ToArray();
    }

    private static async Task<int> HearAsync(Socket socket, byte[] buffer, TimeSpan patience, CancellationToken bound)
    {
        try
        {
            var hearing = socket.ReceiveAsync(buffer.AsMemory(), bound).AsTask();
            if (await Task.WhenAny(hearing, Task.Delay(patience, bound)) != hearing)
                socket.Shutdown(SocketShutdown.Send);
            return await hearing;
        }
        catch (SocketException)
        {
            return 0; // reset, which is an end as well
        }
    }

    private static async Task SendAsync(Socket socket, byte[] bytes, CancellationToken bound)
    {
        try
        {
            await socket.SendAsync(bytes.AsMemory(), bound);
        }
        catch (SocketException)
        {
            // The gateway has heard enough.
        }
    }
}
