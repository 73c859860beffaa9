using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeGateway.Doctor;

/// <summary>
/// An SDP offer as a browser makes one (RFC 8829): audio and a data channel, with a fingerprint and ICE credentials that are new each time. There is no
/// media behind it, so a call that begins with it never connects.
/// </summary>
internal static class Offer
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string New()
    {
        var fingerprint = string.Join(':', RandomNumberGenerator.GetBytes(32).Select(one => one.ToString("X2", CultureInfo.InvariantCulture)));
        string[] transport =
        [
            "c=IN IP4 0.0.0.0", $"a=ice-ufrag:{Random(4)}", $"a=ice-pwd:{Random(24)}", "a=ice-options:trickle",
            $"a=fingerprint:sha-256 {fingerprint}", "a=setup:actpass",
        ];
        string[] lines =
        [
            "v=0", $"o=- {RandomNumberGenerator.GetInt32(1, int.MaxValue)} 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=msid-semantic: WMS",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111", .. transport, "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", .. transport, "a=mid:1", "a=sctp-port:5000", "a=max-message-size:262144",
        ];
        return new StringBuilder().AppendJoin("\r\n", lines).Append("\r\n").ToString();
    }

    private static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);
}
