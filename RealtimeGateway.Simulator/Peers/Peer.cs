using System.Net.WebSockets;
using System.Text.Json;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>
/// A page whose browser answers one call: it waits, gets an offer, and from then on carries the conversation's events and sound until either side ends it.
/// </summary>
internal sealed partial class Peer(PeerSocket socket, string tag, ILogger logger) : IConversationTransport
{
    private const int LongestReason = 200;

    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Call? _call;
    private Task _closing = Task.CompletedTask;
    private bool _isOpen;

    /// <summary>The fingerprint of the offer that it waits for; empty when it takes any.</summary>
    public string Tag => tag;

    /// <summary>Hands over the offer and waits for the browser's answer. The end of the call is then the end of the peer, and the other way round.</summary>
    /// <exception cref="PeerRefusedException">The browser could not answer it, or went away.</exception>
    public async Task<string> AnswerAsync(string offer, Call call, CancellationToken cancellationToken)
    {
        _call = call;
        _closing = CloseAfterAsync(call);
        try
        {
            await socket.SendAsync(new PeerMessage("offer") { Sdp = offer }, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            throw new PeerRefusedException("The media peer went away.", e);
        }

        return await _answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Serves until the page leaves, the call ends or the simulator stops.</summary>
    public async Task ServeAsync(CancellationToken stopping)
    {
        using var atStop = stopping.Register(() => _ = socket.CloseAsync());
        try
        {
            while (await socket.ReceiveAsync() is var (type, content))
            {
                if (type == WebSocketMessageType.Text)
                    Take(JsonSerializer.Deserialize(content.Span, PeerJson.Default.PeerMessage));
                else if (_isOpen)
                    _call!.Conversation.Hear(content.Span);
            }
        }
        finally
        {
            _answer.TrySetException(new PeerRefusedException("The media peer went away."));
            _call?.TryEnd(stopping.IsCancellationRequested ? CallEnd.Stopped : CallEnd.PeerLeft);
            await Task.WhenAll(socket.CloseAsync(), _closing, _call?.Running ?? Task.CompletedTask);
        }
    }

    public ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken) => _call!.Origin.IsFiltered && !EventFilter.Passes(serverEvent)
        ? ValueTask.CompletedTask
        : socket.SendAsync(new PeerMessage("event") { Data = serverEvent }, cancellationToken);

    public ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken) => socket.SendAsync(pcm, cancellationToken);

    public ValueTask SilenceAsync(CancellationToken cancellationToken) => socket.SendAsync(new PeerMessage("silence"), cancellationToken);

    private void Take(PeerMessage? message)
    {
        switch (message)
        {
            case { Type: "answer", Sdp: { } sdp }:
                _answer.TrySetResult(sdp);
                break;
            case { Type: "refused", Message: { } reason }:
                _answer.TrySetException(new PeerRefusedException(reason));
                break;
            case { Type: "deaf", Message: { } reason }:
                Log.Deaf(logger, _call?.Id, reason.Length > LongestReason ? reason[..LongestReason] : reason);
                break;
            case { Type: "open" } when !_isOpen && _call is not null:
                _isOpen = true;
                _call.Conversation.Join(this);
                break;
            case { Type: "event", Data: { } data }:
                _call?.Conversation.Receive(data, this);
                break;
        }
    }

    private async Task CloseAfterAsync(Call call)
    {
        await call.Ended;
        await socket.CloseAsync();
    }

    private static partial class Log
    {
        // The browser's own reason. A page that is closed at once may give one too, so nothing has to be wrong.
        [LoggerMessage(1, LogLevel.Information, "The media peer of call {Call} does not hear the microphone: {Reason}")]
        public static partial void Deaf(ILogger logger, string? call, string reason);
    }
}
