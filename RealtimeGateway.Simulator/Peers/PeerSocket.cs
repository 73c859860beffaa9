using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>Whole messages over the WebSocket of a peer page; sends may overlap.</summary>
internal sealed class PeerSocket : IDisposable
{
    private const int MaxMessageBytes = 1024 * 1024;

    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    private readonly WebSocket _socket;
    private readonly Lazy<Task> _goodbye;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _gone = new();
    private readonly ArrayBufferWriter<byte> _received = new(8 * 1024);

    public PeerSocket(WebSocket socket) => (_socket, _goodbye) = (socket, new(SayGoodbyeAsync));

    public ValueTask SendAsync(PeerMessage message, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(message, PeerJson.Default.PeerMessage), WebSocketMessageType.Text, cancellationToken);

    public ValueTask SendAsync(ReadOnlyMemory<byte> pcm, CancellationToken cancellationToken) =>
        SendAsync(pcm, WebSocketMessageType.Binary, cancellationToken);

    /// <summary>The next message, good until the one after is asked for; null when the page is gone.</summary>
    public async Task<(WebSocketMessageType Type, ReadOnlyMemory<byte> Content)?> ReceiveAsync()
    {
        _received.ResetWrittenCount();
        try
        {
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(_received.GetMemory(4096), _gone.Token);
                if (part.MessageType == WebSocketMessageType.Close || _received.WrittenCount + part.Count > MaxMessageBytes) return null;
                _received.Advance(part.Count);
            }
            while (!part.EndOfMessage);

            return (part.MessageType, _received.WrittenMemory);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            return null; // a closed tab says no goodbye, and one that does not answer ours is given up
        }
    }

    /// <summary>Says goodbye once, behind everything that was sent; the reading side ends with the page's own, or when that takes too long.</summary>
    public Task CloseAsync() => _goodbye.Value;

    public void Dispose()
    {
        _sending.Dispose();
        _gone.Dispose();
    }

    private async Task SayGoodbyeAsync()
    {
        _gone.CancelAfter(GoodbyePatience);
        try
        {
            await _sending.WaitAsync(_gone.Token);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, _gone.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(bytes, type, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }
}
