using System.Security.Cryptography;
using System.Text;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>A value that was put in one place, unlike any other, to be looked for in all others.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Text">The value.</param>
internal sealed record Canary(string Name, string Text)
{
    private const int Letters = 24;

    /// <summary>How much of the beginning, and of any other part, counts as the whole: logs and masks like to keep a piece.</summary>
    private const int Beginning = 8, Part = 12;

    /// <summary>A word of random letters, the same in every run: no encoder changes any of them, so it is found inside whatever text it was put into.</summary>
    public static Canary Of(string name) => new(name, string.Concat(SHA256.HashData(Encoding.UTF8.GetBytes(name)).Take(Letters).Select(value => (char)('a' + value % 26))));

    /// <summary>What was given out while the proof ran.</summary>
    public static Canary GivenOut(string name, string text) => new(name, text);

    /// <summary>What it is found by: itself and every part of it, plain, percent-encoded, escaped as in JSON, in hexadecimal and in base64. Letters of either case are the same.</summary>
    public IEnumerable<string> Forms()
    {
        // Of words and addresses the whole counts: parts of them mean nothing.
        var parts = Text.Length == Letters && Text.All(char.IsAsciiLetterLower)
            ? Enumerable.Range(0, Letters - Part + 1).Select(start => Text.Substring(start, Part)).Prepend(Text[..Beginning])
            : [Text];
        return parts.SelectMany(Encoded).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Encoded(string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        yield return part;
        yield return Convert.ToHexString(bytes);
        yield return string.Concat(bytes.Select(value => $"%{value:X2}"));
        yield return string.Concat(part.Select(value => $"\\u{(int)value:x4}"));
        if (part.Length < Part)
            yield break; // too little of it is the same wherever it begins
        for (var before = 0; before < 3; before++)
        {
            // What stands beside it decides about the characters at both ends.
            var encoded = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var whole = encoded[((before * 8 + 5) / 6)..((before + bytes.Length) * 8 / 6)];
            yield return whole;
            yield return whole.Replace('+', '-').Replace('/', '_');
        }
    }
}
