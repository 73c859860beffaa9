using System.Runtime.InteropServices;

namespace RealtimeGateway.Simulator.Voice;

/// <summary>One of the three audio formats of the protocol: how bytes are samples. The simulator thinks in 24 kHz.</summary>
internal sealed class AudioFormat
{
    /// <summary>The rate that the simulator thinks in, in samples per second.</summary>
    public const int Rate = 24_000;

    private const int TelephonySteps = 3;

    private readonly Func<ReadOnlySpan<byte>, short[]> _decode;
    private readonly Func<ReadOnlySpan<short>, byte[]> _encode;

    private AudioFormat(int bytesPerSecond, Func<ReadOnlySpan<byte>, short[]> decode, Func<ReadOnlySpan<short>, byte[]> encode) =>
        (BytesPerSecond, _decode, _encode) = (bytesPerSecond, decode, encode);

    /// <summary>Linear, 16 bits, little-endian, 24 kHz.</summary>
    public static AudioFormat Pcm { get; } = new(2 * Rate, FromPcm, ToPcm);

    /// <summary>Telephony, mu-law at 8 kHz.</summary>
    public static AudioFormat MuLaw { get; } = new(
        Rate / TelephonySteps, bytes => FromTelephony(bytes, G711.FromMuLaw), samples => ToTelephony(samples, G711.ToMuLaw));

    /// <summary>Telephony, A-law at 8 kHz.</summary>
    public static AudioFormat ALaw { get; } = new(
        Rate / TelephonySteps, bytes => FromTelephony(bytes, G711.FromALaw), samples => ToTelephony(samples, G711.ToALaw));

    public int BytesPerSecond { get; }

    /// <summary>Finds a format by its GA name.</summary>
    public static AudioFormat Of(string? type) => type switch
    {
        "audio/pcmu" => MuLaw,
        "audio/pcma" => ALaw,
        _ => Pcm,
    };

    /// <summary>Samples at 24 kHz; an odd last byte of PCM is not a sample.</summary>
    public short[] Decode(ReadOnlySpan<byte> bytes) => _decode(bytes);

    public byte[] Encode(ReadOnlySpan<short> samples) => _encode(samples);

    private static short[] FromPcm(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes).ToArray();

    private static byte[] ToPcm(ReadOnlySpan<short> samples) => MemoryMarshal.AsBytes(samples).ToArray();

    private static short[] FromTelephony(ReadOnlySpan<byte> bytes, Func<byte, short> decode)
    {
        var samples = new short[bytes.Length * TelephonySteps];
        for (var i = 0; i < samples.Length; i++) samples[i] = decode(bytes[i / TelephonySteps]);
        return samples;
    }

    private static byte[] ToTelephony(ReadOnlySpan<short> samples, Func<short, byte> encode)
    {
        var bytes = new byte[samples.Length / TelephonySteps];
        for (var i = 0; i < bytes.Length; i++)
        {
            var at = i * TelephonySteps;
            // The mean of three is a low pass, good enough for a telephone.
            bytes[i] = encode((short)((samples[at] + samples[at + 1] + samples[at + 2]) / TelephonySteps));
        }

        return bytes;
    }
}
