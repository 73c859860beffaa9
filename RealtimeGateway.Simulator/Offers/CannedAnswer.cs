using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeGateway.Simulator.Offers;

/// <summary>
/// A well-formed answer to an offer (RFC 8829) with nobody behind it: every browser takes it, and none ever connects. Its name, <c>s=canned</c>, tells it from a real one.
/// </summary>
internal static class CannedAnswer
{
    private const int Port = 3478;
    private const string DataChannel = "webrtc-datachannel";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>The answer, or null when no audio section offers Opus.</summary>
    public static string? To(SdpOffer offer)
    {
        var spoken = offer.Sections.FirstOrDefault(section => section is { Kind: "audio", Opus: not null });
        if (spoken is null) return null;
        SdpSection[] taken = [spoken, .. offer.Sections.Where(section => section.Formats.Contains(DataChannel)).Take(1)];
        var text = new StringBuilder();
        Line(text, $"v=0\r\no=- {RandomNumberGenerator.GetInt32(int.MaxValue)} 1 IN IP4 127.0.0.1\r\ns=canned\r\nt=0 0");
        var mids = offer.Sections.Where(taken.Contains).Select(section => section.Mid).OfType<string>().ToList();
        if (mids.Count > 0) Line(text, $"a=group:BUNDLE {string.Join(' ', mids)}");
        var transport = TransportOf(spoken);
        foreach (var section in offer.Sections)
        {
            if (!taken.Contains(section)) Reject(text, section);
            else if (section == spoken) Speak(text, section, transport);
            else Carry(text, section, transport);
        }

        return text.ToString();
    }

    private static void Speak(StringBuilder text, SdpSection section, string transport)
    {
        Media(text, section, section.Opus!, Port);
        Line(text, $"{transport}\r\na={section.AnsweringDirection}\r\na=rtcp-mux");
        Line(text, $"a=rtpmap:{section.Opus} opus/48000/2\r\na=fmtp:{section.Opus} minptime=10;useinbandfec=1");
    }

    private static void Carry(StringBuilder text, SdpSection section, string transport)
    {
        Media(text, section, DataChannel, Port);
        Line(text, $"{transport}\r\na=sctp-port:5000\r\na=max-message-size:262144");
    }

    private static void Reject(StringBuilder text, SdpSection section) => Media(text, section, section.Formats.FirstOrDefault("0"), port: 0);

    private static void Media(StringBuilder text, SdpSection section, string format, int port)
    {
        Line(text, $"m={section.Kind} {port} {section.Protocol} {format}\r\nc=IN IP4 127.0.0.1");
        if (section.Mid is { } mid) Line(text, $"a=mid:{mid}");
    }

    /// <summary>One for all sections, since they are bundled. Nobody listens at the candidate.</summary>
    private static string TransportOf(SdpSection offered)
    {
        var fingerprint = string.Join(':', RandomNumberGenerator.GetBytes(32).Select(one => one.ToString("X2", CultureInfo.InvariantCulture)));
        return $"a=ice-ufrag:{Random(8)}\r\na=ice-pwd:{Random(24)}\r\na=fingerprint:sha-256 {fingerprint}\r\n" +
            $"a=setup:{(offered.IsActive ? "passive" : "active")}\r\na=candidate:1 1 udp 2130706431 127.0.0.1 {Port} typ host\r\na=end-of-candidates";
    }

    private static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
}
