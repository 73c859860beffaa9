namespace RealtimeGateway.Calls;

/// <summary>Session descriptions (RFC 8866), as far as the gateway looks into them.</summary>
internal static class Sdp
{
    public const string ContentType = "application/sdp";

    /// <summary>Bytes that an offer may have; a browser's has a few thousand.</summary>
    public const int MaxOfferLength = 64 * 1024;

    /// <summary>Bytes that an answer may have. It repeats names of the offer, some of them twice: an offer that may be long must not make the service look as if it were in trouble.</summary>
    public const int MaxAnswerLength = 4 * MaxOfferLength;

    /// <summary>
    /// Media sections of an offer; a page's has two. An answer has as many, and each is longer: with thousands it would be too long to be read.
    /// </summary>
    private const int MaxSections = 16;

    public static bool IsOffer(ReadOnlySpan<byte> text) => IsDescription(text) && text.IndexOf("\nm=audio "u8) >= 0 && text.Count("\nm="u8) <= MaxSections;

    public static bool IsDescription(ReadOnlySpan<byte> text) => text.Length > 4 && text.StartsWith("v=0"u8) && text[3] is (byte)'\r' or (byte)'\n';
}
