namespace RealtimeGateway.Simulator.Voice;

/// <summary>A piece of a transcript with its sound; pieces in a row are the whole text.</summary>
internal sealed record SpokenWord(string Text, ReadOnlyMemory<short> Samples)
{
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / AudioFormat.Rate);
}

/// <summary>Something to say, word by word. A clip's time is shared out by the length of its words, for nobody measured them.</summary>
internal static class Speech
{
    // A delta of G.711 then loses nothing: one sample of telephony is three of ours.
    private const int TelephonySample = 3;

    /// <summary>Says clips one after the other.</summary>
    public static IReadOnlyList<SpokenWord> Of(IEnumerable<string> clips) =>
        [.. clips.SelectMany((clip, index) => Words(Clip.Of(clip), isFirst: index == 0))];

    private static IEnumerable<SpokenWord> Words(Clip clip, bool isFirst)
    {
        var said = 0;
        foreach (var word in clip.Words.Split(' '))
        {
            var end = Math.Min(said + word.Length + 1, clip.Words.Length);
            var lead = isFirst && said == 0 ? "" : " ";
            yield return new(lead + word, clip.Samples.AsMemory(At(clip, said)..At(clip, end)));
            said = end;
        }
    }

    private static int At(Clip clip, int character) => character == clip.Words.Length
        ? clip.Samples.Length
        : (int)((long)clip.Samples.Length * character / clip.Words.Length) / TelephonySample * TelephonySample;
}
