using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>The service's side of sockets, as a test wants it: it takes a session and echoes all of it, or refuses, and hands out each socket.</summary>
internal sealed class SocketUpstream : IAsyncDisposable
{
    private readonly ConcurrentBag<Peer> _all = [];
    private readonly Channel<Peer> _peers = Channel.CreateUnbounded<Peer>();
    private ScriptedUpstream _server = null!;
    private int _requests;

    public string Url => _server.Url;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Headers and address of the last handshake.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>();

    public string PathAndQuery { get; private set; } = "";

    /// <summary>What the gateway made of the session, as it arrived.</summary>
    public string Update { get; private set; } = "";

    /// <summary>Answers a handshake in place of taking it.</summary>
    public RequestDelegate? Refuses { get; set; }

    /// <summary>What is sent when the session was asked for, in place of <c>session.updated</c>; nothing for silence.</summary>
    public string[]? AnswersUpdate { get; set; }

    public static async Task<SocketUpstream> StartAsync()
    {
        var upstream = new SocketUpstream();
        var sockets = new WebSocketMiddleware(upstream.TakeAsync, Options.Create(new WebSocketOptions()), NullLoggerFactory.Instance);
        upstream._server = await ScriptedUpstream.StartAsync(sockets.Invoke);
        return upstream;
    }

    /// <summary>The next socket, with its session taken.</summary>
    public async Task<Peer> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        return await _peers.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _all)
            await peer.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        Headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        PathAndQuery = context.Request.Path + context.Request.QueryString;
        if (Refuses is not null)
        {
            await Refuses(context);
            return;
        }

        context.Response.Headers["x-ms-region"] = "leaked-region";
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.Contains("realtime") ? "realtime" : null);
        var peer = new Peer(socket);
        _all.Add(peer);
        await peer.SendAsync(Created);
        try
        {
            Update = await peer.ReceiveTextAsync();
            foreach (var answer in AnswersUpdate ?? [Updated(Update)])
                await peer.SendAsync(answer);
        }
        catch (WebSocketException)
        {
            return; // it was left alone
        }

        _peers.Writer.TryWrite(peer);
        await peer.Over.Task;
    }

    public const string Created = """
        {"type":"session.created","event_id":"event_created","session":{"type":"realtime","object":"realtime.session","id":"sess_of_azure","model":"leaked-deployment","instructions":"leaked default","expires_at":1900000000}}
        """;

    /// <summary>The session that holds, as Azure tells it: all of it.</summary>
    public static string Updated(string update)
    {
        var session = JsonNode.Parse(update)!["session"]!.DeepClone().AsObject();
        session["id"] = "sess_of_azure";
        session["object"] = "realtime.session";
        session["model"] = "leaked-deployment";
        session["prompt"] = new JsonObject { ["id"] = "leaked-prompt" };
        session["tracing"] = "auto";
        session["expires_at"] = 1900000000;
        session["client_secret"] = new JsonObject { ["value"] = "ek_leaked" };
        session["audio"]!["input"] = new JsonObject
        {
            ["format"] = new JsonObject { ["type"] = "audio/pcm", ["rate"] = 24000 },
            ["transcription"] = new JsonObject { ["model"] = "leaked-transcriber", ["prompt"] = "leaked names", ["language"] = "en" },
            ["turn_detection"] = null,
        };
        return new JsonObject { ["type"] = "session.updated", ["event_id"] = "event_updated", ["session"] = session }.ToJsonString();
    }
}

/// <summary>One end of a socket in the hands of a test.</summary>
internal sealed class Peer(WebSocket socket) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public WebSocket Socket => socket;

    /// <summary>Done when the test needs it no more.</summary>
    public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task SendAsync(string text, bool isEnd = true) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, isEnd);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type, bool isEnd = true)
    {
        using var clock = new CancellationTokenSource(Patience);
        await socket.SendAsync(bytes.AsMemory(), type, isEnd, clock.Token);
    }

    public async Task<string> ReceiveTextAsync()
    {
        var (text, isEnd) = await ReceivePieceAsync();
        var whole = new StringBuilder(text);
        while (!isEnd)
        {
            (text, isEnd) = await ReceivePieceAsync();
            whole.Append(text);
        }

        return whole.ToString();
    }

    public async Task<JsonObject> ReceiveAsync() => JsonNode.Parse(await ReceiveTextAsync())!.AsObject();

    /// <summary>What has come of a message so far.</summary>
    public async Task<(string Text, bool IsEnd)> ReceivePieceAsync()
    {
        using var clock = new CancellationTokenSource(Patience);
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), clock.Token);
        if (received.MessageType is WebSocketMessageType.Close)
            throw new WebSocketException($"Closed: {(int?)socket.CloseStatus} {socket.CloseStatusDescription}");
        return (Encoding.UTF8.GetString(buffer, 0, received.Count), received.EndOfMessage);
    }

    /// <summary>The goodbye that the other side says next.</summary>
    public async Task<(int? Code, string? Reason)> ReceiveCloseAsync()
    {
        using var clock = new CancellationTokenSource(Patience);
        var received = await socket.ReceiveAsync(new byte[64 * 1024].AsMemory(), clock.Token);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        return ((int?)socket.CloseStatus, socket.CloseStatusDescription is "" ? null : socket.CloseStatusDescription);
    }

    /// <summary>Says goodbye and goes on listening.</summary>
    public async Task CloseAsync(int code, string? reason = null)
    {
        using var clock = new CancellationTokenSource(Patience);
        await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, clock.Token);
    }

    public ValueTask DisposeAsync()
    {
        Over.TrySetResult();
        if (socket is ClientWebSocket)
            socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
