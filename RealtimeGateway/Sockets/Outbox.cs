using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;

namespace RealtimeGateway.Sockets;

/// <summary>
/// The one way out to a peer. A message goes out whole before another begins, and nothing waits in a queue: who has something to say waits until the
/// peer takes it. That a peer has gone is for those to find out who read from it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody asked for its handle holds nothing.")]
internal sealed class Outbox(WebSocket socket)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isClosed;
    private bool _isWithinMessage;

    /// <summary>Sends a whole message.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message)
    {
        await EnterAsync();
        try
        {
            // What was left half said cannot be followed by anything but a goodbye.
            if (!_isWithinMessage)
                await WriteAsync(message, isEnd: true);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Waits for the turn to send a message in pieces.</summary>
    public Task EnterAsync() => _turn.WaitAsync();

    public void Leave() => _turn.Release();

    /// <summary>Sends a piece of a message, between <see cref="EnterAsync"/> and <see cref="Leave"/>.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, bool isEnd)
    {
        if (_isClosed)
            return;
        _isWithinMessage = !isEnd;
        try
        {
            await socket.SendAsync(piece, WebSocketMessageType.Text, isEnd, CancellationToken.None);
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            _isClosed = true;
            socket.Abort();
        }
    }

    /// <summary>Says goodbye, once.</summary>
    public async Task CloseAsync(Ending ending)
    {
        await EnterAsync();
        try
        {
            if (!_isClosed)
            {
                _isClosed = true;
                await socket.CloseOutputAsync(ending.Code, ending.Reason, CancellationToken.None);
            }
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            socket.Abort();
        }
        finally
        {
            Leave();
        }
    }
}
