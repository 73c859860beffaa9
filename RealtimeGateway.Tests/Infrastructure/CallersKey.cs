using System.Text.RegularExpressions;
using RealtimeGateway.Callers;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A key as the command makes it, and the hash that goes into the configuration.</summary>
internal sealed partial record CallersKey(string Key, string Hash)
{
    /// <summary>Runs <c>new-key</c> and reads what it printed.</summary>
    public static CallersKey New(string name = "web")
    {
        using var output = new StringWriter();
        Assert.Equal(0, NewKeyCommand.Run([name], output, TextWriter.Null));
        return In(output.ToString());
    }

    /// <summary>The key and the hash in what the command printed.</summary>
    public static CallersKey In(string printed) => new(KeyLine().Match(printed).Value, HashPart().Match(printed).Value);

    [GeneratedRegex("rgk_[A-Za-z0-9_-]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyLine();

    [GeneratedRegex("sha256:[0-9a-f]{64}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HashPart();
}
