using System.Diagnostics.CodeAnalysis;

namespace RealtimeGateway.Simulator.Offers;

/// <summary>A session description as a browser offers it (RFC 8866), as far as the simulator has to understand it.</summary>
/// <param name="Text">The description itself.</param>
/// <param name="Fingerprint">
/// The fingerprint of its DTLS certificate (RFC 8122), upper case; empty when there is none. Each peer connection has its own, which makes it the tag that browser and
/// media peer share.
/// </param>
/// <param name="Sections">Its media, in their order.</param>
internal sealed record SdpOffer(string Text, string Fingerprint, IReadOnlyList<SdpSection> Sections)
{
    private const string Sha256 = "a=fingerprint:sha-256 ";

    public static bool TryParse(string text, [NotNullWhen(true)] out SdpOffer? offer)
    {
        offer = null;
        string[] lines = [.. text.Split('\n').Select(line => line.TrimEnd('\r'))];
        SdpSection[] sections = [.. Starts(lines).Zip([.. Starts(lines).Skip(1), lines.Length], (from, to) => new SdpSection(lines[from..to]))];
        if (!text.StartsWith("v=0", StringComparison.Ordinal) || !sections.Any(section => section.Kind == "audio")) return false;
        var fingerprint = lines.FirstOrDefault(line => line.StartsWith(Sha256, StringComparison.Ordinal))?[Sha256.Length..] ?? "";
        offer = new(text, fingerprint.ToUpperInvariant(), sections);
        return true;
    }

    private static IEnumerable<int> Starts(string[] lines) => lines.Index().Where(line => line.Item.StartsWith("m=", StringComparison.Ordinal)).Select(line => line.Index);
}
