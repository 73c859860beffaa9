using System.Net.WebSockets;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>Runs a conversation over a socket until one of the two ends, and closes the socket in good order.</summary>
internal sealed class SocketConversation(
    WebSocket socket, SocketTransport transport, Conversation conversation, CancellationTokenSource ended)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    public async Task RunAsync()
    {
        var running = conversation.RunAsync(ended.Token);
        var sending = transport.PumpAsync();
        // Cancelling a read would take away the connection on which to say goodbye: it goes on until the socket is gone.
        var listening = ListenAsync();
        await Task.WhenAny(running, listening);
        var (status, reason) = listening.IsCompletedSuccessfully ? (await listening, null) : await WhyAsync(running);

        if (!running.IsCompleted) await ended.CancelAsync();
        transport.Complete();
        await sending.WaitAsync(Farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CloseAsync(listening, status, reason);
        socket.Abort();
        await Task.WhenAll(running, sending, listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<WebSocketCloseStatus> ListenAsync()
    {
        var reader = new SocketReader(socket);
        while (true)
        {
            var (message, reason) = await reader.ReadAsync();
            if (message is null) return reason;
            conversation.Receive(message);
        }
    }

    private static async Task<(WebSocketCloseStatus Status, string? Reason)> WhyAsync(Task<ConversationEnd> running) =>
        running.IsCompleted && await running == ConversationEnd.Expired
            ? (WebSocketCloseStatus.EndpointUnavailable, "session_expired")
            : (WebSocketCloseStatus.EndpointUnavailable, "going_away");

    private async Task CloseAsync(Task listening, WebSocketCloseStatus status, string? reason)
    {
        using var limit = new CancellationTokenSource(Farewell);
        try
        {
            await socket.CloseOutputAsync(status, reason, limit.Token);
            await listening.WaitAsync(limit.Token);
            await DrainAsync(limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client went away without a word, or does not take ours.
        }
    }

    /// <summary>What is still on its way has to be read, or the connection is reset and our goodbye with it.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var ignored = new byte[16 * 1024];
        while (socket.State == WebSocketState.CloseSent) await socket.ReceiveAsync(ignored.AsMemory(), cancellationToken);
    }
}
