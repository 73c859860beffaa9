using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RealtimeGateway.Sockets;

/// <summary>
/// An <c>input_audio_buffer.append</c> too long to be kept, on its way in pieces. Upstream gets an event of the gateway's own making around the
/// caller's audio, and in it only bytes that cannot end a JSON text. What stands around the audio is kept, without it, and must prove at the end to
/// be an append and nothing else; until then the event upstream is not complete.
/// </summary>
internal sealed class LongAudio
{
    private static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="u8);

    private readonly ArrayBufferWriter<byte> _frame = new(256);
    private bool _isEscaping;
    private bool _isOver;

    private LongAudio(ReadOnlySpan<byte> before)
    {
        _frame.Write(before);
        _frame.Write("\""u8);
    }

    /// <summary>What upstream gets before the audio.</summary>
    public static ReadOnlyMemory<byte> Begin { get; } = """{"type":"input_audio_buffer.append","audio":" """u8[..^1].ToArray();

    /// <summary>Begins with the first bytes of a message; <c>null</c> when it is no such event.</summary>
    public static LongAudio? TryBegin(ReadOnlySpan<byte> head, out int begin) =>
        (begin = AudioAppend.BeginOfAudio(head)) > 0 ? new(head[..begin]) : null;

    /// <summary>The audio at the beginning of the next piece of the message, in bytes; −1 when the message cannot be an append.</summary>
    public int Take(ReadOnlySpan<byte> piece)
    {
        var length = _isOver ? 0 : LengthOfAudio(piece);
        if (length < 0)
            return -1;
        var rest = piece[length..];
        if (rest.Length > 0 && !_isOver)
        {
            _isOver = true;
            rest = rest[1..]; // the quote
        }

        if (_frame.WrittenCount + rest.Length > 2 * AudioAppend.MaxFrame)
            return -1;
        _frame.Write(rest);
        return length;
    }

    /// <summary>What upstream gets after the audio; <c>null</c> when the message was no append after all.</summary>
    public ReadOnlyMemory<byte>? End()
    {
        if (!_isOver || !AudioAppend.Is(_frame.WrittenSpan))
            return null;
        using var json = JsonDocument.Parse(_frame.WrittenMemory);
        return json.RootElement.TryGetProperty("event_id"u8, out var id)
            ? Encoding.UTF8.GetBytes($"\",\"event_id\":\"{JsonEncodedText.Encode(id.GetString()!)}\"}}")
            : "\"}"u8.ToArray();
    }

    // Escapes are what some writers make of / and +. A backslash before a quote or another backslash would make it a question where the text ends.
    private int LengthOfAudio(ReadOnlySpan<byte> piece)
    {
        var length = 0;
        while (length < piece.Length)
        {
            if (_isEscaping && piece[length] is not ((byte)'/' or (byte)'u'))
                return -1;
            _isEscaping = false;
            var other = piece[length..].IndexOfAnyExcept(Base64);
            if (other < 0)
                return piece.Length;
            length += other;
            if (piece[length] == '"')
                return length;
            if (piece[length] != '\\')
                return -1;
            _isEscaping = true;
            length++;
        }

        return length;
    }
}
