using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>What the gateway says on a WebSocket, which must keep every rule whatever was said to it.</summary>
internal static class HeardFrames
{
    private const byte Fin = 0x80;
    private const int BrokeOff = 0;

    /// <summary>How the conversation ended, which was not by a mistake of the gateway or the service. As <see cref="EndOf"/>.</summary>
    public static string Verdict(ReadOnlySpan<byte> bytes)
    {
        var (code, reason) = EndOf(bytes);
        Assert.True(code != 1011, $"1011 {reason}");
        return $"101, {code}";
    }

    /// <summary>The goodbye; 0 when there was none. Fails on a frame that breaks RFC 6455, and an event that is no JSON object with a type.</summary>
    public static (int Code, string Reason) EndOf(ReadOnlySpan<byte> bytes)
    {
        using var message = new MemoryStream();
        while (Next(ref bytes, out var first, out var payload))
        {
            Assert.Equal(0, first & 0x70);
            switch (first & 0x0F)
            {
                case HostileFrames.Text or HostileFrames.Continuation:
                    message.Write(payload);
                    if ((first & Fin) == 0)
                        break;
                    Hear(message.ToArray());
                    message.SetLength(0);
                    break;
                case HostileFrames.Close:
                    return payload.IsEmpty ? (BrokeOff, "") : (BinaryPrimitives.ReadUInt16BigEndian(payload), Encoding.UTF8.GetString(payload[2..]));
                default:
                    Assert.Contains(first, new byte[] { 0x89, 0x8A });
                    break;
            }
        }

        return (BrokeOff, "");
    }

    private static void Hear(byte[] text)
    {
        using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
        Assert.NotEmpty(json.RootElement.GetProperty("type").GetString()!);
    }

    private static bool Next(ref ReadOnlySpan<byte> bytes, out byte first, out ReadOnlySpan<byte> payload)
    {
        first = 0;
        payload = [];
        if (bytes.Length < 2)
            return false;
        Assert.Equal(0, bytes[1] & 0x80); // a server does not mask
        var (head, length) = (bytes[1] & 0x7F) switch
        {
            126 when bytes.Length >= 4 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
            127 when bytes.Length >= 10 => (10, (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..])),
            126 or 127 => (0, int.MaxValue),
            var small => (2, small),
        };
        if (length > bytes.Length - head)
            return false;
        first = bytes[0];
        payload = bytes.Slice(head, length);
        bytes = bytes[(head + length)..];
        return true;
    }
}
