using System.Buffers;
using System.Net.WebSockets;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Reads a socket message by message, through one buffer that is there only while a message is on its way: an idle socket holds none. A message
/// that does not fit is read on piece by piece.
/// </summary>
/// <param name="heard">Called for every piece of a message that comes in; control frames and empty fragments are none.</param>
internal sealed class Inbox(WebSocket socket, Action? heard = null)
{
    /// <summary>Of one buffer in the beginning, in bytes. Most events fit; a long one passes in pieces of this size.</summary>
    private const int Piece = 16 * 1024;

    /// <summary>The 15 MiB of audio that the service takes at once, in base64, with room around it.</summary>
    private const int Longest = 15 * 1024 * 1024 / 3 * 4 + 64 * 1024;

    private byte[] _buffer = [];
    private int _length;
    private long _total;

    /// <summary>What of the message is here.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Whether the message ends with what is here.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>Waits for a message and reads its first piece.</summary>
    /// <exception cref="EndedException">The peer closed, or sends without end.</exception>
    public async ValueTask<WebSocketMessageType> NextMessageAsync()
    {
        Release();
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        (_total, IsEnd) = (0, first.EndOfMessage);
        if (first.MessageType is WebSocketMessageType.Close)
            throw new EndedException(Ending.ByPeer(socket));
        if (IsEnd)
        {
            heard?.Invoke();
        }
        else
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Piece);
            await FillAsync();
        }

        return first.MessageType;
    }

    /// <summary>Goes on to the next piece of the message.</summary>
    public ValueTask NextPieceAsync()
    {
        _length = 0;
        return FillAsync();
    }

    /// <summary>Reads the rest to what is here; <c>false</c> when all of it is longer than <paramref name="limit"/>.</summary>
    public async ValueTask<bool> ReadToEndAsync(int limit)
    {
        while (!IsEnd && _buffer.Length < limit)
        {
            Grow();
            await FillAsync();
        }

        return IsEnd && _length <= limit;
    }

    public async ValueTask SkipAsync()
    {
        while (!IsEnd)
            await NextPieceAsync();
    }

    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private async ValueTask FillAsync()
    {
        while (!IsEnd && _length < _buffer.Length)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(_length), CancellationToken.None);
            if (received.MessageType is WebSocketMessageType.Close)
                throw new EndedException(Ending.ByPeer(socket));
            IsEnd = received.EndOfMessage;
            _length += received.Count;
            _total += received.Count;
            if (received.Count > 0)
                heard?.Invoke();
            if (_total > Longest)
                throw new EndedException(Ending.TooLong);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
