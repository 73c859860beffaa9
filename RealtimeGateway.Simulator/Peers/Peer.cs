using System.Net.WebSockets;
using System.Text.Json;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>
/// A page whose browser answers one call: it waits, gets an offer, and from then on carries the conversation's events and sound until either side ends it.
/// </summary>
internal sealed class Peer(PeerSocket socket, string tag) : IConversationTransport
{
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Conversation? _conversation;
    private bool _filtered;
    private Task? _running;

    /// <summary>The fingerprint of the offer that it waits for; empty when it takes any.</summary>
    public string Tag => tag;

    /// <summary>Hands over the offer and waits for the browser's answer.</summary>
    /// <param name="offer">The caller's SDP.</param>
    /// <param name="open">Opens the conversation that begins with the data channel.</param>
    /// <param name="filtered">Whether only the events of <c>webrtcfilter=on</c> reach the caller.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="PeerRefusedException">The browser could not answer it, or went away.</exception>
    public async Task<string> AnswerAsync(
        string offer, Func<IConversationTransport, Conversation> open, bool filtered, CancellationToken cancellationToken)
    {
        (_conversation, _filtered) = (open(this), filtered);
        await socket.SendAsync(new PeerMessage("offer") { Sdp = offer }, cancellationToken);
        return await _answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Serves until the page leaves, the session ends or the simulator stops.</summary>
    public async Task ServeAsync(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var goodbye = Task.CompletedTask;
        using var registration = ending.Token.Register(() => goodbye = socket.CloseAsync());
        try
        {
            while (await socket.ReceiveAsync() is var (type, content))
            {
                if (type == WebSocketMessageType.Text)
                    Take(JsonSerializer.Deserialize(content.Span, PeerJson.Default.PeerMessage), ending);
                else if (_running is not null)
                    _conversation!.Hear(content.Span);
            }
        }
        finally
        {
            _answer.TrySetException(new PeerRefusedException("The media peer went away."));
            await ending.CancelAsync();
            await Task.WhenAll(goodbye, _running ?? Task.CompletedTask);
        }
    }

    public ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken) => _filtered && !EventFilter.Passes(serverEvent)
        ? ValueTask.CompletedTask
        : socket.SendAsync(new PeerMessage("event") { Data = serverEvent }, cancellationToken);

    public ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken) => socket.SendAsync(pcm, cancellationToken);

    public ValueTask SilenceAsync(CancellationToken cancellationToken) => socket.SendAsync(new PeerMessage("silence"), cancellationToken);

    private void Take(PeerMessage? message, CancellationTokenSource ending)
    {
        switch (message)
        {
            case { Type: "answer", Sdp: { } sdp }:
                _answer.TrySetResult(sdp);
                break;
            case { Type: "refused", Message: { } reason }:
                _answer.TrySetException(new PeerRefusedException(reason));
                break;
            case { Type: "open" }:
                _running ??= ConverseAsync(ending);
                break;
            case { Type: "event", Data: { } data }:
                _conversation?.Receive(data);
                break;
        }
    }

    private async Task ConverseAsync(CancellationTokenSource ending)
    {
        try
        {
            await _conversation!.RunAsync(ending.Token);
        }
        catch (WebSocketException)
        {
            // The page left while something was on its way to it; the reading side has noticed as well.
        }
        finally
        {
            await ending.CancelAsync();
        }
    }
}
