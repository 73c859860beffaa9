using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>One answer as it came over the wire, and what every answer must be, whatever was asked.</summary>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    // What the server refuses before the application hears of it: it is no HTTP, or too much of it.
    private static readonly int[] OfTheServer = [400, 405, 408, 411, 413, 414, 431, 501, 505];

    // What the server says in HTTP/2 to whoever begins a connection in the clear with "PRI * HTTP/2.0": GOAWAY with HTTP_1_1_REQUIRED (RFC 9113, sections 3.4, 6.8 and 7).
    private static ReadOnlySpan<byte> Http11Required => [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>
    /// The status and, of an error, its code. Fails when the gateway says that it or the service, which is well, made a mistake, and when an error of the
    /// application is not exactly the envelope.
    /// </summary>
    public string Verdict()
    {
        if (OfTheServer.Contains(Status) && Body.Length == 0 && !Headers.ContainsKey("x-request-id"))
            return $"{Status} by the server";
        Assert.True(Status < 500, $"{Status}: {Text}");
        Assert.True(Headers.ContainsKey("x-request-id"), $"{Status} without a request id: {Text}");
        return Status < 400 ? $"{Status}" : $"{Status} {CodeOfEnvelope()}";
    }

    /// <summary>The code of an error, whose body must be the whole envelope and nothing else.</summary>
    public string CodeOfEnvelope()
    {
        Assert.True(Headers.TryGetValue("content-type", out var type) && type == "application/json", $"{Status} without an envelope: {Text}");
        var envelope = JsonNode.Parse(Body)!.AsObject();
        var error = envelope["error"]!.AsObject();
        Assert.Equal(["error"], envelope.Select(member => member.Key));
        Assert.Equal(["message", "type", "code", "param"], error.Select(member => member.Key));
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        Assert.Equal("no-store", Headers["cache-control"]);
        Assert.NotEmpty(Headers["x-request-id"]);
        return (string)error["code"]!;
    }

    /// <summary>The answers in what came over a connection, and what follows a 101. The last one may be cut off.</summary>
    public static (IReadOnlyList<Answer> Answers, byte[] AfterUpgrade) ReadAll(ReadOnlyMemory<byte> bytes)
    {
        var answers = new List<Answer>();
        while (Read(ref bytes) is { } answer)
        {
            if (answer.Status is 101)
                return ([.. answers, answer], bytes.ToArray());
            if (answer.Status >= 200)
                answers.Add(answer);
        }

        return (answers, []);
    }

    private static Answer? Read(ref ReadOnlyMemory<byte> bytes)
    {
        var end = bytes.Span.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            Assert.True(bytes.IsEmpty || bytes.Span.StartsWith("HTTP/1.1 "u8) || bytes.Span.SequenceEqual(Http11Required), $"This is no answer: {Encoding.Latin1.GetString(bytes.Span)}");
            return null;
        }

        var lines = Encoding.Latin1.GetString(bytes.Span[..end]).Split("\r\n");
        Assert.Matches("^HTTP/1.1 [1-5][0-9][0-9]( |$)", lines[0]);
        var headers = lines[1..].Select(line => line.Split(": ", 2)).GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => string.Join(", ", group.Select(pair => pair[1])), StringComparer.OrdinalIgnoreCase);
        bytes = bytes[(end + 4)..];
        var body = ReadBody(headers, ref bytes);
        return body is null ? null : new(int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture), headers, body);
    }

    private static byte[]? ReadBody(Dictionary<string, string> headers, ref ReadOnlyMemory<byte> bytes)
    {
        if (headers.ContainsKey("transfer-encoding"))
            return ReadChunks(ref bytes);
        if (headers.TryGetValue("content-length", out var length))
            return Take(ref bytes, int.Parse(length, CultureInfo.InvariantCulture));
        // A caller of HTTP/1.0 takes what comes until the end.
        return Take(ref bytes, headers.TryGetValue("connection", out var connection) && connection == "close" && !bytes.Span.StartsWith("HTTP/1.1 "u8) ? bytes.Length : 0);
    }

    private static byte[]? ReadChunks(ref ReadOnlyMemory<byte> bytes)
    {
        using var body = new MemoryStream();
        while (bytes.Span.IndexOf("\r\n"u8) is >= 0 and var end)
        {
            var length = int.Parse(Encoding.ASCII.GetString(bytes.Span[..end]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            bytes = bytes[(end + 2)..];
            if (Take(ref bytes, length + 2) is not { } chunk)
                return null;
            if (length == 0)
                return body.ToArray();
            body.Write(chunk, 0, length);
        }

        return null;
    }

    private static byte[]? Take(ref ReadOnlyMemory<byte> bytes, int length)
    {
        if (length > bytes.Length)
            return null;
        var taken = bytes[..length].ToArray();
        bytes = bytes[length..];
        return taken;
    }
}
