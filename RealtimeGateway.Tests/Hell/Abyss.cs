using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Hell;

/// <summary>
/// A service that writes its bytes by itself, as no server would. The first segment of a path says which torment it is: the operation that the torment is for meets it
/// once, everything else is answered as the service does.
/// </summary>
internal sealed class Abyss : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, Torment> _left;
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;

    public Abyss(IEnumerable<Torment> torments)
    {
        _left = new(torments.Select(torment => KeyValuePair.Create(torment.Name, torment)));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Bytes that the gateway took, by torment.</summary>
    public ConcurrentDictionary<string, long> Taken { get; } = new(StringComparer.Ordinal);

    /// <summary>Torments whose call was to be ended.</summary>
    public ConcurrentDictionary<string, int> HungUp { get; } = new(StringComparer.Ordinal);

    /// <summary>What is thrown here is a mistake of the torment's.</summary>
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
            while (await ReadHeadAsync(stream) is { } head)
            {
                var path = head.Split(' ')[1].Split('/', StringSplitOptions.RemoveEmptyEntries);
                var operation = OperationOf(path is [.., var last] ? last : "");
                if (path.Length > 1 && _left.TryGetValue(path[0], out var torment) && torment.Operation == operation && _left.TryRemove(path[0], out _))
                {
                    await torment.RunAsync(new(path[0], stream, head, Taken, _end.Token));
                    return;
                }

                if (operation is Operation.HangUp)
                    HungUp.AddOrUpdate(path[0], 1, static (_, count) => count + 1);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Normal(operation, path is [var name, ..] ? name : "", head)), _end.Token);
                if (operation is Operation.Socket)
                    await Soul.ConverseAsync(stream, _end.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The gateway has had enough, or the test has.
        }
    }

    private static Operation OperationOf(string last) => last.Split('?')[0] switch
    {
        "client_secrets" => Operation.Mint,
        "calls" => Operation.Calls,
        "hangup" => Operation.HangUp,
        "realtime" => Operation.Socket,
        _ => Operation.Other, // connections that are kept warm
    };

    /// <summary>What a service that is well answers.</summary>
    public static string Normal(Operation operation, string name, string head) => operation switch
    {
        Operation.Mint => Whole("200 OK", "application/json", Azure.GaAnswer().ToJsonString()),
        Operation.Calls => Whole("201 Created", $"application/sdp\r\nLocation: /v1/realtime/calls/rtc_{name}", Calls.Calling.Offer),
        Operation.Socket => Soul.Accept(head),
        _ => Whole("200 OK", "text/plain", ""),
    };

    public static string Whole(string status, string type, string body) => string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>The head of a request, whose body is read as well.</summary>
    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
                return null;
            head.Append((char)one[0]);
        }

        var length = head.ToString().Split("\r\n").Where(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line["Content-Length: ".Length..], CultureInfo.InvariantCulture)).FirstOrDefault();
        await stream.ReadExactlyAsync(new byte[length], _end.Token);
        return head.ToString();
    }
}

/// <summary>What the gateway asks of a service.</summary>
internal enum Operation
{
    Mint,
    Calls,
    HangUp,
    Socket,
    Other,
}

/// <summary>Something that a service does in place of an answer, and what the gateway must make of it.</summary>
/// <param name="Outcome">Status and code; of a conversation its close code and reason.</param>
/// <param name="IsBegun">Whether the head of a good answer goes out, so that a call has begun.</param>
internal sealed record Torment(Operation Operation, string Name, string Outcome, Func<Soul, Task> RunAsync, bool IsBegun = false)
{
    /// <summary>Bytes that the gateway may take at most: what it reads of an answer, and what waits in the sockets between.</summary>
    public long MostBytes { get; init; } = 12 * 1024 * 1024;

    /// <summary>Whether it lasts until the route's time is over.</summary>
    public bool Lasts { get; init; } = Outcome is Torments.TooSlow;
}
