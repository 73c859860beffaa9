using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>A session description as a browser offers it (RFC 8866), as far as the simulator has to understand it.</summary>
/// <param name="Text">The description itself.</param>
/// <param name="Fingerprint">
/// The fingerprint of its DTLS certificate (RFC 8122), upper case; empty when there is none. Each peer connection has its own, which makes it the tag that browser and
/// media peer share.
/// </param>
internal sealed partial record SdpOffer(string Text, string Fingerprint)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out SdpOffer? offer)
    {
        var isOffer = text.StartsWith("v=0", StringComparison.Ordinal) && AudioSection().IsMatch(text);
        offer = isOffer ? new(text, FingerprintLine().Match(text).Groups["value"].Value.ToUpperInvariant()) : null;
        return isOffer;
    }

    [GeneratedRegex("^m=audio ", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AudioSection();

    [GeneratedRegex("^a=fingerprint:sha-256 (?<value>[0-9A-Fa-f:]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FingerprintLine();
}
