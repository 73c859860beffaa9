using System.Text.RegularExpressions;

namespace RealtimeGateway.Configuration;

/// <summary>Takes out of a text what looks like a secret, wherever somebody may have put it.</summary>
internal static partial class Redaction
{
    public const string Mark = "***";

    /// <summary>The text with a mark in place of keys and tokens, of passwords in connection strings, and of user information and query in URLs.</summary>
    public static string Mask(string text)
    {
        text = UserInformation().Replace(text, $"://{Mark}@");
        text = Query().Replace(text, $"${{url}}?{Mark}");
        text = Assignment().Replace(text, $"${{name}}={Mark}");
        text = Scheme().Replace(text, $"${{scheme}} {Mark}");
        return Token().Replace(text, match => IsHarmless(match.Value) ? match.Value : Mark);
    }

    // Ids of tenants and applications, written with hyphens, are no secrets; without them they look like the keys of Azure's resources. Nor is a long name in words: a key has digits and letters.
    private static bool IsHarmless(string run) =>
        Guid.TryParseExact(run, "D", out _) || (!Prefixed().IsMatch(run) && !(run.Any(char.IsAsciiDigit) && run.Any(char.IsAsciiLetter)));

    /// <summary>Callers' keys, ephemeral secrets, OpenAI's keys and JSON Web Tokens by what they begin with, base64 by how it ends; anything else by its length.</summary>
    [GeneratedRegex(@"\b(rgk_|ek_|sk-)[\w-]{8,}|\beyJ[\w-]{8,}(\.[\w-]*)*|[\w+/]{20,}={1,2}(?![\w=])|[\w+=-]{32,}", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Token();

    [GeneratedRegex("^(rgk_|ek_|sk-|eyJ)", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Prefixed();

    [GeneratedRegex(@"://\S*@", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex UserInformation();

    [GeneratedRegex(@"(?<url>://[^?\s]*)\?[^\s;,""]*", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Query();

    [GeneratedRegex(@"\b(?<scheme>[Bb]earer|[Bb]asic)\s+(?=[a-z.]*[A-Z0-9_=+/-])[^\s;,""]+", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"(?<name>\w*(password|pwd|secret|key|token|sig|signature))=[^\s;,""…]+",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Patterns.Timeout)]
    private static partial Regex Assignment();
}
