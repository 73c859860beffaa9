namespace RealtimeGateway.Simulator.Offers;

/// <summary>One media section of a session description: its <c>m=</c> line and what follows it.</summary>
internal sealed class SdpSection(IReadOnlyList<string> lines)
{
    private readonly string[] _media = lines[0][2..].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary><c>audio</c>, <c>video</c> or <c>application</c>.</summary>
    public string Kind => _media.FirstOrDefault("");

    /// <summary>Such as <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public string Protocol => _media.ElementAtOrDefault(2) ?? "";

    /// <summary>Payload types, or <c>webrtc-datachannel</c>.</summary>
    public IReadOnlyList<string> Formats => [.. _media.Skip(3)];

    public string? Mid => Attribute("mid");

    /// <summary>The payload type of Opus; 111, as browsers number it, needs no line of its own.</summary>
    public string? Opus => lines.Where(line => line.StartsWith("a=rtpmap:", StringComparison.Ordinal) && line.Contains(" opus/48000", StringComparison.OrdinalIgnoreCase))
        .Select(line => line["a=rtpmap:".Length..line.IndexOf(' ', StringComparison.Ordinal)])
        .Concat(Formats.Where(format => format == "111" && !Has("a=rtpmap:111 ")))
        .FirstOrDefault();

    /// <summary>Whether the other side may start the DTLS handshake only, so that the answer has to wait for it.</summary>
    public bool IsActive => Attribute("setup") == "active";

    /// <summary>The direction of sound that answers the offered one.</summary>
    public string AnsweringDirection =>
        Has("a=recvonly") ? "sendonly" : Has("a=sendonly") ? "recvonly" : Has("a=inactive") ? "inactive" : "sendrecv";

    private string? Attribute(string name) =>
        lines.FirstOrDefault(line => line.StartsWith($"a={name}:", StringComparison.Ordinal))?[(name.Length + 3)..];

    private bool Has(string start) => lines.Any(line => line.StartsWith(start, StringComparison.Ordinal));
}
