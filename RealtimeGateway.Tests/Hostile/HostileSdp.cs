using System.Text;
using CsCheck;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>Offers that began as one of Chromium's and then had lines lost, doubled, moved, replaced, or ended in another way.</summary>
internal static class HostileSdp
{
    /// <summary>An offer of Chromium 156: audio and a data channel.</summary>
    public static readonly string Chromiums = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TestData", "chromium-offer.sdp")).ReplaceLineEndings("\r\n");

    private static readonly Gen<string> Line = Gen.Frequency(
        (4, Gen.OneOf(
            "v=1", "v=", "v=0", "m=audio 0 UDP/TLS/RTP/SAVPF 111", "m=audio 99999999999 RTP 1", "m=audio", "m=", "m=audio -1 X \u00FF", "m=video 9 UDP/TLS/RTP/SAVPF 96", "m=application 9 UDP/DTLS/SCTP 5000",
            "a=mid:", "a=mid:0", "a=mid:../..", "a=setup:active", "a=setup:holdconn", "a=group:BUNDLE 0 0 9", "a=rtpmap:111 opus/48000/2", "a=rtpmap:999999999999 opus/-1", "a=rtpmap:", "a=inactive", "a=candidate:x",
            "a=fingerprint:sha-256", "c=IN IP6 ::1", "o=- - - - - -", "t=", "", " ", "\0", "=", "===", "a")),
        (1, Mutation.Text), (1, Gen.Select(Gen.OneOf("a=x:", "a=candidate:", "m=audio 9 X "), Gen.Int[1, 70_000], (start, length) => start + new string('9', length))));

    private static readonly Gen<Func<List<string>, List<string>>> Edit = Gen.Select(Gen.Int[0, 4], Gen.Double.Unit, Gen.Double.Unit, Line, Gen.Int[1, 2000], Make);

    public static readonly Gen<byte[]> Any = Mutation.Of(Gen.Frequency(
        (6, Gen.Select(Edit.Array[0, 5], Gen.Frequency((8, "\r\n"), (1, "\n"), (1, "\r"), (1, "")), Write)),
        (1, Line.Array[0, 20].Select(lines => Encoding.UTF8.GetBytes("v=0\r\n" + string.Join("\r\n", lines)))),
        (1, Gen.Byte.Array[0, 200])));

    private static byte[] Write(Func<List<string>, List<string>>[] edits, string end) =>
        Encoding.UTF8.GetBytes(string.Concat(edits.Aggregate(Chromiums.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).ToList(), (lines, edit) => edit(lines)).Select(line => line + end)));

    private static Func<List<string>, List<string>> Make(int kind, double from, double to, string line, int times) => lines =>
    {
        if (lines.Count == 0)
            return lines;
        var (here, there) = ((int)(from * lines.Count), (int)(to * lines.Count));
        switch (kind)
        {
            case 0:
                lines.RemoveRange(Math.Min(here, there), Math.Abs(here - there));
                break;
            case 1:
                lines.Insert(there, lines[here]);
                break;
            case 2:
                (lines[here], lines[there]) = (lines[there], lines[here]);
                break;
            case 3:
                lines[here] = line;
                break;
            default:
                lines.InsertRange(here, Enumerable.Repeat(line.Length < 40 ? line : "a=x", times));
                break;
        }

        return lines;
    };
}
