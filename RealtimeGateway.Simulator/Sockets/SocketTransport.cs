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
    private const int MaxWaitingBytes = 16 * 1024 * 1024;

    private readonly Channel<byte[]> _waiting = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private int _waitingBytes;

    public ValueTask SendAsync(string serverEvent, CancellationToken cancellationToken)
    {
        var message = Encoding.UTF8.GetBytes(serverEvent);
        if (Interlocked.Add(ref _waitingBytes, message.Length) > MaxWaitingBytes) ended.Cancel();
        else _waiting.Writer.TryWrite(message);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sound is in the events.</summary>
    public ValueTask PlayAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask SilenceAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>There will be no more; <see cref="PumpAsync"/> sends what waits and returns.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    public async Task PumpAsync()
    {
        await foreach (var message in _waiting.Reader.ReadAllAsync(ended.Token))
        {
            await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            Interlocked.Add(ref _waitingBytes, -message.Length);
        }
    }
}
