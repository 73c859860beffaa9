using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// A caller's side of a WebSocket, byte by byte: reserved bits, unknown opcodes, no mask, control frames that are long or in pieces, lengths that are wrong or
/// beyond all reason, texts that are none, and messages within messages.
/// </summary>
internal static class HostileFrames
{
    public const byte Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9;

    private static readonly byte[] Mask = [1, 2, 3, 4];
    private static readonly byte[] Opening = Handshake("/realtime");

    /// <summary>A goodbye.</summary>
    public static readonly byte[] Bye = Frame(Close, [0x03, 0xE8]);

    /// <summary>Opens a conversation.</summary>
    public static byte[] Handshake(string path) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: realtime\r\n\r\n");

    private static readonly string[] Events =
    [
        """{"type":"input_audio_buffer.clear"}""", """{"type":"input_audio_buffer.append","audio":"AAAA"}""", """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}""",
        """{"type":"session.update","session":{"type":"realtime"}}""", """{"type":"nothing"}""", "{", "",
    ];

    private static readonly Gen<byte[]> Payload = Gen.Frequency(
        (6, Gen.OneOf(Events).Select(Encoding.UTF8.GetBytes)), (2, Gen.Byte.Array[0, 140]), (1, Gen.OneOf<byte[]>([0xC3], [0xED, 0xA0, 0x80], [0xFF], [0x22, 0x80])), (1, Gen.Int[1, 40_000].Select(length => new byte[length])),
        (1, Gen.Int[17_000, 60_000].Select(length => Encoding.ASCII.GetBytes($"{{\"type\":\"input_audio_buffer.append\",\"audio\":\"{new string('A', length)}\"}}"))));

    private static readonly Gen<byte[]> Goodbye = Gen.Select(Gen.OneOf(0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 2999, 3000, 4999, 5000, 65535), Gen.OneOf("", "bye", "\0", new string('r', 123), new string('r', 200)), (code, reason) =>
        Frame(Close, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]));

    private static readonly Gen<byte[]> Odd = Gen.Select(Gen.Byte, Payload, Gen.Bool, Gen.Bool, (first, payload, isMasked, isLong) => Frame(first, payload, isMasked, isLong));

    private static readonly Gen<byte[]> Piece = Gen.Frequency(
        (5, Payload.Select(payload => Frame(Text, payload))),
        (3, Gen.Select(Payload, Gen.Double.Unit, Gen.Bool, InPieces)),
        (2, Payload.Select(payload => Frame(Ping, payload))),
        (1, Payload.Select(payload => Frame(Binary, payload))),
        (1, Payload.Select(payload => Frame(Continuation, payload))),
        (1, Payload.Select(payload => Frame(Text, payload, isEnd: false))),
        (1, Gen.Select(Gen.OneOf(Close, Ping), Payload, (opcode, payload) => Frame(opcode, payload, isEnd: false))),
        (1, Goodbye), (1, Gen.OneOf<byte[]>([], [0], [0xFF], [0x03, 0xE8, 0xFF]).Select(payload => Frame(Close, payload))),
        (2, Odd),
        (1, Gen.Select(Gen.ULong, Gen.Byte.Array[0, 40], Huge)),
        (1, Gen.Byte.Array[0, 30]));

    /// <summary>Some frames, and at last a goodbye, which may not be understood any more.</summary>
    public static readonly Gen<byte[]> Any = Mutation.Of(Piece.Array[1, 8].Select(Join), most: 2).Select(frames => Talk([frames]));

    /// <summary>Events as well-formed frames, each in one piece or two, and a goodbye.</summary>
    public static byte[] Write(IEnumerable<(byte[] Event, double Cut)> events) =>
        Talk(events.Select(one => one.Cut < 0.5 ? Frame(Text, one.Event) : InPieces(one.Event, (one.Cut - 0.5) * 2, hasPing: true)));

    private static byte[] Talk(IEnumerable<byte[]> frames) => Join([Opening, .. frames, Bye]);

    private static byte[] Join(byte[][] pieces)
    {
        using var all = new MemoryStream();
        foreach (var piece in pieces)
            all.Write(piece);
        return all.ToArray();
    }

    private static byte[] InPieces(byte[] payload, double where, bool hasPing)
    {
        var cut = (int)(where * payload.Length);
        return [.. Frame(Text, payload[..cut], isEnd: false), .. hasPing ? Frame(Ping, "p"u8.ToArray()) : [], .. Frame(Continuation, payload[cut..])];
    }

    private static byte[] Frame(byte opcode, byte[] payload, bool isEnd = true) => Frame((byte)(opcode | (isEnd ? 0x80 : 0)), payload, isMasked: true, isLong: false);

    private static byte[] Frame(byte first, byte[] payload, bool isMasked, bool isLong)
    {
        var mask = isMasked ? (byte)0x80 : (byte)0;
        var head = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(head, (ulong)payload.Length);
        byte[] length = isLong || payload.Length > ushort.MaxValue ? [(byte)(127 | mask), .. head] : payload.Length > 125 ? [(byte)(126 | mask), .. head[6..]] : [(byte)(payload.Length | mask)];
        byte[] frame = isMasked ? [first, .. length, .. Mask, .. payload] : [first, .. length, .. payload];
        for (var i = 0; isMasked && i < payload.Length; i++)
            frame[^(payload.Length - i)] ^= Mask[i % Mask.Length];
        return frame;
    }

    private static byte[] Huge(ulong length, byte[] beginning)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(head, length);
        return [0x81, 0xFF, .. head, .. Mask, .. beginning];
    }
}
