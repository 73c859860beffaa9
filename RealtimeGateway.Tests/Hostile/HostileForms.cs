using System.Text;
using CsCheck;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// Forms with parts that are missing, doubled, unknown, nested or thousands; with headers that are none; and with boundaries that are wrong, quoted, empty or
/// too long.
/// </summary>
internal static class HostileForms
{
    private static readonly Gen<string> Boundary = Gen.Frequency(
        (8, "x"), (1, ""), (1, new string('b', 70)), (1, new string('b', 71)), (1, "a b"), (1, "\""), (1, "--"), (1, "\u00E9"), (1, "x\0"), (1, "x; boundary=y"));

    private static readonly Gen<string> Disposition = Gen.Frequency(
        (8, Gen.OneOf("sdp", "session", "tools", "").Select(name => $"Content-Disposition: form-data; name=\"{name}\"")),
        (3, Gen.OneOf(
            "Content-Disposition: form-data; name=sdp; filename=\"offer.sdp\"", "Content-Disposition: attachment; name=\"sdp\"", "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"sdp",
            "Content-Disposition: form-data; name*=utf-8''s%64p", "Content-Disposition: form-data; name=\"sdp\"; name=\"session\"", "Content-Disposition:", "Content-Disposition", "X: y", "", ": sdp")),
        (1, Mutation.Text.Select(text => $"Content-Disposition: form-data; name=\"{text}\"")));

    private static readonly Gen<string> MoreHeaders = Gen.Frequency(
        (6, ""), (1, "Content-Type: application/json\r\n"), (1, "Content-Transfer-Encoding: base64\r\n"), (1, "Content-Type: multipart/mixed; boundary=y\r\n"),
        (1, string.Concat(Enumerable.Range(0, 9).Select(i => $"x-{i}: y\r\n"))), (1, $"x-long: {new string('y', 5000)}\r\n"), (1, "x: a\r\n b\r\n"));

    private static readonly Gen<byte[]> Content = Gen.Frequency(
        (4, Gen.Const(Encoding.UTF8.GetBytes(HostileSdp.Chromiums))), (2, HostileSdp.Any),
        (3, HostileJson.Like("""{"type":"realtime","model":"gpt-realtime","audio":{"output":{"voice":"marin"}}}""", """{"session":{"type":"realtime"}}""")),
        (1, Gen.Const("--y\r\nContent-Disposition: form-data; name=\"sdp\"\r\n\r\nv=0\r\n--y--\r\n"u8.ToArray())), (1, Gen.Byte.Array[0, 100]));

    private static readonly Gen<byte[]> Part = Gen.Select(Disposition, MoreHeaders, Content, Gen.Frequency((8, "\r\n"), (1, "\n"), (1, "")), (disposition, headers, content, end) =>
        (byte[])[.. Encoding.UTF8.GetBytes($"{disposition}{end}{headers}\r\n"), .. content, .. Encoding.UTF8.GetBytes(end)]);

    private static readonly Gen<byte[][]> Parts = Gen.Frequency(
        (6, Part.Array[0, 4]),
        (1, Gen.Int[1, 2000].Select(count => Enumerable.Repeat("Content-Disposition: form-data; name=\"session\"\r\n\r\n1\r\n"u8.ToArray(), count).ToArray())),
        (1, Gen.Int[1, 8000].Select(count => Enumerable.Repeat("\r\n"u8.ToArray(), count).ToArray())));

    /// <summary>A form and its content type.</summary>
    public static readonly Gen<(byte[] Body, string Type)> Any = Gen.Select(Boundary, Boundary, Gen.Bool, Parts, Gen.Frequency((8, "--\r\n"), (1, ""), (1, "--"), (1, "\r\n")), Gen.OneOf("", "preamble\r\n"), Write)
        .SelectMany(form => Mutation.Of(Gen.Const(form.Body), most: 2).Select(body => (body, form.Type)));

    private static (byte[] Body, string Type) Write(string announced, string used, bool isRight, byte[][] parts, string end, string preamble)
    {
        var boundary = Encoding.UTF8.GetBytes($"--{(isRight ? announced : used)}");
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes(preamble));
        foreach (var part in parts)
        {
            body.Write([.. boundary, .. "\r\n"u8, .. part]);
            if (body.Length > 60_000)
                break;
        }

        body.Write([.. boundary, .. Encoding.UTF8.GetBytes(end)]);
        return (body.ToArray(), announced.Contains(' ') ? $"multipart/form-data; boundary=\"{announced}\"" : $"multipart/form-data; boundary={announced}");
    }
}
