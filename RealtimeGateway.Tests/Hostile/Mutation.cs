using System.Text;
using CsCheck;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>Changes that a text may suffer, whatever it is: bytes are turned, taken out, put in, doubled, and cut off.</summary>
internal static class Mutation
{
    private static readonly byte[][] Words =
    [
        "\0"u8.ToArray(), "\r\n"u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), " "u8.ToArray(), "\t"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), ":"u8.ToArray(), ","u8.ToArray(), ";"u8.ToArray(),
        "="u8.ToArray(), "%00"u8.ToArray(), "../"u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), "-1"u8.ToArray(), "4294967296"u8.ToArray(),
        "99999999999999999999"u8.ToArray(), "\u00FF"u8.ToArray(), "\uFEFF"u8.ToArray(), "\u2028"u8.ToArray(), [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFE, 0xFF], [0x80], [0xFF],
    ];

    /// <summary>Text that no writer would write and a reader may stumble over.</summary>
    public static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("", " ", "\0", "\u0001", "é", "𝄞", "\u202E", "\uFEFF", "null", "true", "0", "-1", "__proto__", "constructor", "${jndi:ldap://x}", "{{7*7}}", "' OR 1=1 --", "%s%n", "../../etc/passwd", "<script>"),
        Gen.Char.AlphaNumeric.Array[0, 24].Select(letters => new string(letters)),
        Gen.Select(Gen.OneOf('a', 'é', '"', '\\', ' '), Gen.Int[1, 20_000], (letter, length) => new string(letter, length)));

    private static readonly Gen<Func<byte[], byte[]>> Change = Gen.Select(Gen.Int[0, 6], Gen.Double.Unit, Gen.Int[0, 64], Gen.OneOf(Words), Gen.Byte, Make);

    /// <summary>The same, and some of them changed a little.</summary>
    public static Gen<byte[]> Of(Gen<byte[]> originals, int most = 4) => Gen.Select(
        originals, Gen.Frequency((3, Gen.Const(Array.Empty<Func<byte[], byte[]>>())), (2, Change.Array[1, most])), (bytes, changes) => changes.Aggregate(bytes, (changed, change) => change(changed)));

    public static Gen<byte[]> Of(params string[] originals) => Of(Gen.OneOf(Array.ConvertAll(originals, Encoding.UTF8.GetBytes)));

    /// <summary>Bytes as one line that shows what they are.</summary>
    public static string Show(byte[] bytes) => $"{bytes.Length} bytes: {Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 4096))).Replace("\\", @"\\").Replace("\r", @"\r").Replace("\n", @"\n").Replace("\0", @"\0")}";

    private static Func<byte[], byte[]> Make(int kind, double where, int length, byte[] word, byte value) => bytes =>
    {
        var at = (int)(where * bytes.Length);
        var end = Math.Min(at + length, bytes.Length);
        return kind switch
        {
            0 when at < bytes.Length => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            1 when at < bytes.Length => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (value % 8))), .. bytes[(at + 1)..]],
            2 => [.. bytes[..at], .. word, .. bytes[at..]],
            3 => [.. bytes[..at], .. bytes[end..]],
            4 => [.. bytes[..end], .. bytes[at..]],
            5 => bytes[..at],
            _ => [.. bytes[..at], .. word, .. bytes[end..]],
        };
    };
}
