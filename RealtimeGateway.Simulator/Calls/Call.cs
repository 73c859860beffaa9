using System.Net.WebSockets;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>What is known of a call from its beginning.</summary>
/// <param name="Deployment">The deployment of its session.</param>
/// <param name="Surface">The surface whose event protocol it speaks.</param>
/// <param name="Media">Whose media it has.</param>
/// <param name="IsFiltered">Whether the browser gets only the events of <c>webrtcfilter=on</c>.</param>
/// <param name="SecretUse">Which use of its <c>ek_</c> it was, counted from 1; null when a standing credential opened it.</param>
internal sealed record CallOrigin(string Deployment, Surface Surface, CallMedia Media, bool IsFiltered, int? SecretUse);

/// <summary>One call, live from the 201 of its SDP exchange until one of the <see cref="CallEnd"/>s: its conversation, and who else listens to it.</summary>
internal sealed class Call(CallOrigin origin, Conversation conversation, DateTimeOffset beganAt)
{
    /// <summary>Not documented; a supervisor needs one, and a second while it moves.</summary>
    public const int MostSidebands = 4;

    private readonly TaskCompletionSource<CallEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sidebands;

    public string Id { get; } = CallId.New();

    public CallOrigin Origin => origin;

    public Conversation Conversation => conversation;

    public DateTimeOffset BeganAt => beganAt;

    public int Sidebands => _sidebands;

    public Task<CallEnd> Ended => _ended.Task;

    /// <summary>Completes when nothing of it happens any more.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    public bool IsLive => !_ended.Task.IsCompleted;

    /// <summary>Ends it; false when it has ended already.</summary>
    public bool TryEnd(CallEnd end) => _ended.TrySetResult(end);

    /// <summary>Takes a place for one more sideband; false when all are taken.</summary>
    public bool TryAttach()
    {
        if (Interlocked.Increment(ref _sidebands) <= MostSidebands) return true;
        Detach();
        return false;
    }

    public void Detach() => Interlocked.Decrement(ref _sidebands);

    /// <summary>Runs the conversation until the call ends, or ends the call with it.</summary>
    public async Task RunAsync()
    {
        using var over = new CancellationTokenSource();
        var conversing = ConverseAsync(over.Token);
        await Task.WhenAny(conversing, Ended);
        await over.CancelAsync();
        await conversing;
    }

    private async Task ConverseAsync(CancellationToken cancellationToken)
    {
        try
        {
            TryEnd(await conversation.RunAsync(cancellationToken) == ConversationEnd.Expired ? CallEnd.Expired : CallEnd.Stopped);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            // The page left while something was on its way to it.
            TryEnd(CallEnd.PeerLeft);
        }
    }
}
