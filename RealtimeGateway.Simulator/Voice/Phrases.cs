namespace RealtimeGateway.Simulator.Voice;

/// <summary>What the voice has recorded: the name and the words of each clip, from the list that <c>record.sh</c> reads too.</summary>
internal static class Phrases
{
    public static IReadOnlyDictionary<string, string> All { get; } = Read();

    private static Dictionary<string, string> Read()
    {
        using var reader = new StreamReader(typeof(Phrases).Assembly.GetManifestResourceStream("phrases.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|'))
            .ToDictionary(columns => columns[0], columns => columns[1]);
    }
}
