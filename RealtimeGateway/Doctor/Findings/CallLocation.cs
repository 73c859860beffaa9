using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>What stands before the id in <c>Location</c>; clients differ in what they expect there.</summary>
internal static partial class CallLocation
{
    public static Finding Of(Uri? location, Destination destination) => new("location", location is null ? "no call, or no Location" : Describe(location, destination));

    private static string Describe(Uri location, Destination destination)
    {
        var path = location.OriginalString.Split('?', '#')[0];
        var kind = "relative";
        if (location.IsAbsoluteUri && location.Scheme is "https" or "http")
            (kind, path) = (location.Host == destination.Address.Host ? "absolute, on the same host" : "absolute, on another host", location.AbsolutePath);
        var segments = path.Split('/');
        var shape = string.Join('/', segments[..^1].Select(segment => segment.Length == 0 || Segment().IsMatch(segment) ? segment : "…"));
        var prefix = Prefix().Match(segments[^1]).Value;
        return $"{shape}/{prefix}…, {kind}{(location.OriginalString.Contains('?', StringComparison.Ordinal) ? ", with a query" : "")}";
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,19}\z", RegexOptions.None, Patterns.Timeout)]
    private static partial Regex Segment();

    [GeneratedRegex("^rtc_(u[0-9]_)?", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Prefix();
}
