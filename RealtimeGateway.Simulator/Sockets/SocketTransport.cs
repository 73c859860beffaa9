using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>
/// Sends events by WebSocket. The conversation never waits for a client that reads slowly: so much is kept for it, then it is cut off.
/// </summary>
internal sealed class SocketTransport(WebSocket socket, CancellationTokenSource ended) : IConversationTransport
{
    private const int MaxWaiting = 2048;

    private readonly Channel<string> _waiting = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    public ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken)
    {
        if (!_waiting.Writer.TryWrite(serverEvent)) ended.Cancel();
        return ValueTask.CompletedTask;
    }

    /// <summary>Sound is in the events.</summary>
    public ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask SilenceAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>There will be no more; <see cref="PumpAsync"/> sends what waits and returns.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    public async Task PumpAsync()
    {
        await foreach (var serverEvent in _waiting.Reader.ReadAllAsync(ended.Token))
            await socket.SendAsync(Encoding.UTF8.GetBytes(serverEvent), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }
}
