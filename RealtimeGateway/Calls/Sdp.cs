namespace RealtimeGateway.Calls;

/// <summary>Session descriptions (RFC 8866), as far as the gateway looks into them.</summary>
internal static class Sdp
{
    public const string ContentType = "application/sdp";

    /// <summary>Bytes that an offer or an answer may have; a browser's are a few thousand.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>
    /// Media sections of an offer; a page's has two. An answer has as many, and each is longer: with thousands it would be too long to be read, and the service would look as if it
    /// were in trouble.
    /// </summary>
    private const int MaxSections = 16;

    public static bool IsOffer(ReadOnlySpan<byte> text) => IsDescription(text) && text.IndexOf("\nm=audio "u8) >= 0 && text.Count("\nm="u8) <= MaxSections;

    public static bool IsDescription(ReadOnlySpan<byte> text) => text.Length > 4 && text.StartsWith("v=0"u8) && text[3] is (byte)'\r' or (byte)'\n';
}
