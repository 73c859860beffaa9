namespace RealtimeGateway.Calls;

/// <summary>Session descriptions (RFC 8866), as far as the gateway looks into them.</summary>
internal static class Sdp
{
    public const string ContentType = "application/sdp";

    /// <summary>Bytes that an offer or an answer may have; a browser's are a few thousand.</summary>
    public const int MaxLength = 64 * 1024;

    public static bool IsOffer(ReadOnlySpan<byte> text) => IsDescription(text) && text.IndexOf("\nm=audio "u8) >= 0;

    public static bool IsDescription(ReadOnlySpan<byte> text) => text.Length > 4 && text.StartsWith("v=0"u8) && text[3] is (byte)'\r' or (byte)'\n';
}
