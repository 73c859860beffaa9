using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace RealtimeGateway.Simulator.Voice;

/// <summary>A recorded piece of speech: its words, and its sound as samples at 24 kHz.</summary>
internal sealed record Clip(string Words, short[] Samples)
{
    private const int HeaderBytes = 12;

    private static readonly ConcurrentDictionary<string, Clip> Loaded = new();

    /// <summary>Finds a clip of <see cref="Phrases"/>.</summary>
    public static Clip Of(string name) => Loaded.GetOrAdd(name, Load);

    private static Clip Load(string name)
    {
        var words = Phrases.All[name];
        using var stream = typeof(Clip).Assembly.GetManifestResourceStream($"{name}.wav")!;
        var wave = new byte[stream.Length];
        stream.ReadExactly(wave);
        return new(words, Doubled(SoundOf(wave)));
    }

    // RIFF: chunks of four letters, a length and so many bytes, padded to an even length.
    private static ReadOnlySpan<byte> SoundOf(ReadOnlySpan<byte> wave)
    {
        var chunks = wave[HeaderBytes..];
        while (true)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(chunks[4..]);
            if (chunks.StartsWith("data"u8)) return chunks.Slice(8, length);
            chunks = chunks[(8 + length + length % 2)..];
        }
    }

    /// <summary>From 12 to 24 kHz: each second sample is the mean of its neighbours.</summary>
    private static short[] Doubled(ReadOnlySpan<byte> muLaw)
    {
        var samples = new short[muLaw.Length * 2];
        for (var i = 0; i < muLaw.Length; i++)
        {
            var sample = G711.FromMuLaw(muLaw[i]);
            var next = i + 1 < muLaw.Length ? G711.FromMuLaw(muLaw[i + 1]) : sample;
            samples[2 * i] = sample;
            samples[2 * i + 1] = (short)((sample + next) / 2);
        }

        return samples;
    }
}
