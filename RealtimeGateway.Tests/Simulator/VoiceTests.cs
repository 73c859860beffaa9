using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Tests.Simulator;

public class VoiceTests
{
    private const int QuietLevel = 300;

    public static TheoryData<string> Names => [.. Phrases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_phrase_is_recorded_above_silence(string name)
    {
        var samples = Clip.Of(name).Samples;

        Assert.InRange(samples.Length, AudioFormat.Rate / 5, 20 * AudioFormat.Rate);
        Assert.True(Level(samples) > QuietLevel, $"{Level(samples)}");
    }

    [Fact]
    public void What_the_model_may_say_is_what_was_recorded()
    {
        var constants = typeof(ClipNames).GetFields().ToDictionary(field => field.Name, field => (string)field.GetRawConstantValue()!);
        var chosen = constants.Where(constant => !constant.Key.EndsWith("Prefix", StringComparison.Ordinal)).Select(constant => constant.Value);
        var found = Phrases.All.Keys.Where(name => name.StartsWith(ClipNames.ColourPrefix, StringComparison.Ordinal) || name.StartsWith(ClipNames.TitlePrefix, StringComparison.Ordinal));

        Assert.Equal(Phrases.All.Keys.Order(StringComparer.Ordinal), chosen.Concat(found).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void There_is_something_to_interrupt() => Assert.True(Clip.Of("story").Samples.Length > 15 * AudioFormat.Rate);

    [Fact]
    public void The_recording_stays_small() => Assert.InRange(
        typeof(Clip).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".wav", StringComparison.Ordinal))
            .Sum(name => typeof(Clip).Assembly.GetManifestResourceStream(name)!.Length),
        100_000, 1_000_000);

    [Fact]
    public void The_words_of_a_sentence_are_its_text_and_its_sound()
    {
        var words = Speech.Of(["background-made", "colour-blue"]);

        Assert.Equal("I made the background blue.", string.Concat(words.Select(word => word.Text)));
        Assert.Equal([.. Clip.Of("background-made").Samples, .. Clip.Of("colour-blue").Samples], words.SelectMany(word => word.Samples.ToArray()));
        Assert.All(words, word => Assert.True(word.Duration > TimeSpan.FromMilliseconds(10)));
    }

    // Values of ITU-T G.711, and both ends of the range.
    [Theory]
    [InlineData(0xFF, 0)]
    [InlineData(0x80, 32124)]
    [InlineData(0x00, -32124)]
    [InlineData(0xFE, 8)]
    [InlineData(0x7E, -8)]
    public void Mu_law_is_decoded(byte code, short sample) => Assert.Equal(sample, G711.FromMuLaw(code));

    [Theory]
    [InlineData(0xD5, 8)]
    [InlineData(0x55, -8)]
    [InlineData(0xAA, 32256)]
    [InlineData(0x2A, -32256)]
    public void A_law_is_decoded(byte code, short sample) => Assert.Equal(sample, G711.FromALaw(code));

    [Fact]
    public void Every_code_of_telephony_survives_a_round_trip()
    {
        for (var code = 0; code < 256; code++)
        {
            // Mu-law has two zeros.
            if (code != 0x7F) Assert.Equal(code, G711.ToMuLaw(G711.FromMuLaw((byte)code)));
            Assert.Equal(code, G711.ToALaw(G711.FromALaw((byte)code)));
        }
    }

    [Theory]
    [InlineData(short.MinValue)]
    [InlineData(short.MaxValue)]
    public void The_loudest_samples_stay_loud(short sample)
    {
        Assert.InRange(Math.Abs(G711.FromMuLaw(G711.ToMuLaw(sample)) - sample), 0, 700);
        Assert.InRange(Math.Abs(G711.FromALaw(G711.ToALaw(sample)) - sample), 0, 700);
    }

    internal static double Level(ReadOnlySpan<short> samples)
    {
        var energy = 0.0;
        foreach (var sample in samples) energy += (double)sample * sample;
        return Math.Sqrt(energy / samples.Length);
    }
}
