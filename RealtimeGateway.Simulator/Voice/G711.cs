namespace RealtimeGateway.Simulator.Voice;

/// <summary>The two companded codes of telephony, ITU-T G.711: a byte for each sample at 8 kHz (the clips use mu-law at 12 kHz).</summary>
internal static class G711
{
    private const int MuBias = 0x84;
    private const int MuClip = 32_635;

    public static short FromMuLaw(byte code)
    {
        var bits = (byte)~code;
        var magnitude = ((((bits & 0x0F) << 3) + MuBias) << ((bits & 0x70) >> 4)) - MuBias;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    public static byte ToMuLaw(short sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var magnitude = Math.Min(Math.Abs((int)sample), MuClip) + MuBias;
        var exponent = int.Log2(magnitude) - 7;
        var mantissa = (magnitude >> (exponent + 3)) & 0x0F;
        return (byte)~(sign | (exponent << 4) | mantissa);
    }

    public static short FromALaw(byte code)
    {
        var bits = code ^ 0x55;
        var exponent = (bits & 0x70) >> 4;
        var magnitude = ((bits & 0x0F) << 4) + 8;
        if (exponent > 0) magnitude = (magnitude + 0x100) << (exponent - 1);
        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }

    public static byte ToALaw(short sample)
    {
        var sign = sample >= 0 ? 0x80 : 0;
        var magnitude = Math.Min(sample >= 0 ? sample : ~sample, short.MaxValue);
        var exponent = Math.Max(int.Log2(magnitude | 1) - 7, 0);
        var mantissa = (magnitude >> (exponent == 0 ? 4 : exponent + 3)) & 0x0F;
        return (byte)((sign | (exponent << 4) | mantissa) ^ 0x55);
    }
}
