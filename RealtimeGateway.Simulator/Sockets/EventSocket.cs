using System.Net.WebSockets;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>Lets a socket take part in a conversation until either of the two ends, and closes it in good order.</summary>
internal sealed class EventSocket(WebSocket socket, SocketTransport transport, Conversation conversation)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <param name="ending">Completes when the conversation, or its part in it, is over.</param>
    public async Task RunAsync(Task<Goodbye> ending)
    {
        conversation.Join(transport);
        var sending = transport.PumpAsync();
        // Cancelling a read would take away the connection on which to say goodbye: it goes on until the socket is gone.
        var listening = ListenAsync();
        var first = await Task.WhenAny(ending, listening);
        var goodbye = first.IsCompletedSuccessfully ? await first : Goodbye.GoingAway;

        conversation.Leave(transport);
        transport.Complete();
        await sending.WaitAsync(Farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CloseAsync(listening, goodbye);
        socket.Abort();
        await Task.WhenAll(sending, listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<Goodbye> ListenAsync()
    {
        var reader = new SocketReader(socket);
        while (true)
        {
            var (message, reason) = await reader.ReadAsync();
            if (message is null) return new(reason);
            conversation.Receive(message, transport);
        }
    }

    private async Task CloseAsync(Task listening, Goodbye goodbye)
    {
        using var limit = new CancellationTokenSource(Farewell);
        try
        {
            await socket.CloseOutputAsync(goodbye.Status, goodbye.Reason, limit.Token);
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
