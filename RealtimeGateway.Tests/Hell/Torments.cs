using System.IO.Compression;
using System.Text;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Hell;

/// <summary>Everything that a service can do wrong and that a server of this world would not.</summary>
internal static class Torments
{
    public const string TooSlow = "504 upstream_timeout";

    private const string Unavailable = "502 upstream_unavailable";
    private const string Unreadable = "502 upstream_invalid_response";
    private const string Misconfigured = "502 upstream_misconfigured";
    private const string Ok = "ok";

    private const int BombBytes = 64 * 1024 * 1024;

    private static readonly string Filler = new('x', 16 * 1024);

    public static IEnumerable<Torment> All => OfAnswers(Operation.Mint).Concat(OfAnswers(Operation.Calls)).Concat(OfHandshakes).Concat(OfConversations);

    /// <summary>In place of an answer that the gateway reads whole.</summary>
    private static IEnumerable<Torment> OfAnswers(Operation operation)
    {
        Torment That(string name, string outcome, Func<Soul, Task> run, bool isBegun = false) => new(operation, $"{operation}-{name}", outcome, run, isBegun);
        Torment Begun(string name, string outcome, Func<Soul, string, Task> run) => That(name, outcome, soul => run(soul, HeadOf(operation, soul.Name)), isBegun: true);
        var body = operation is Operation.Mint ? Azure.GaAnswer().ToJsonString() : Calls.Calling.Offer;

        // Time.
        yield return That("silence", TooSlow, soul => soul.WaitAsync());
        yield return That("slow-head", TooSlow, soul => soul.DripAsync($"HTTP/1.1 200 OK\r\nx: {Filler}"));
        yield return Begun("slow-body", TooSlow, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Content-Length: {Filler.Length}\r\n\r\n");
            await soul.DripAsync(Filler);
        });
        yield return Begun("slow-chunks", TooSlow, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n");
            await soul.DripAsync(string.Concat(Enumerable.Repeat("1\r\n \r\n", 1000)));
        });
        var slowRefusal = That("slow-refusal", Unavailable, async soul =>
        {
            await soul.SendAsync("HTTP/1.1 500 X\r\nContent-Length: 9999\r\n\r\n");
            await soul.DripAsync(Filler);
        });
        yield return slowRefusal with { Lasts = true };

        // Without end.
        yield return Begun("endless-chunks", Unreadable, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n");
            await soul.RepeatAsync($"{Filler.Length:x}\r\n{Filler}\r\n");
        });
        yield return Begun("endless-body", Unreadable, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Connection: close\r\n\r\n");
            await soul.RepeatAsync(Filler);
        });
        yield return That("endless-refusal", Misconfigured, async soul =>
        {
            await soul.SendAsync("HTTP/1.1 401 X\r\nConnection: close\r\n\r\n");
            await soul.RepeatAsync(Filler);
        });
        yield return That("endless-status", Unreadable, async soul =>
        {
            await soul.SendAsync("HTTP/1.1 200 ");
            await soul.RepeatAsync(Filler);
        });
        yield return That("endless-headers", Unreadable, async soul =>
        {
            await soul.SendAsync("HTTP/1.1 200 OK\r\n");
            await soul.RepeatAsync("x: y\r\n");
        });
        yield return That("five-thousand-headers", Unreadable, soul => soul.SendAsync($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Range(0, 5000).Select(i => $"x-{i}: y\r\n"))}Content-Length: 0\r\n\r\n"));
        yield return That("giant-header", Unreadable, soul => soul.SendAsync($"HTTP/1.1 200 OK\r\nx: {new string('y', 4 * 1024 * 1024)}\r\nContent-Length: 0\r\n\r\n"));
        yield return Begun("endless-extension", Unreadable, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n1;");
            await soul.RepeatAsync(Filler);
        });
        yield return Begun("endless-trailers", Unreadable, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n");
            await soul.RepeatAsync("x: y\r\n");
        });
        yield return That("continues", Unreadable, soul => soul.RepeatAsync("HTTP/1.1 100 Continue\r\n\r\n"));
        yield return That("hints", Unreadable, soul => soul.RepeatAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"));

        // Lengths and chunks that are wrong.
        yield return Begun("too-short", Unreadable, (soul, head) => soul.SendAsync($"{head}Content-Length: {body.Length + 10}\r\n\r\n{body}"));
        yield return Begun("too-short-and-waits", TooSlow, async (soul, head) =>
        {
            await soul.SendAsync($"{head}Content-Length: {body.Length + 10}\r\n\r\n{body}");
            await soul.WaitAsync();
        });
        yield return Begun("too-long", Unreadable, (soul, head) => soul.SendAsync($"{head}Content-Length: 2\r\n\r\n{body}"));
        yield return Begun("no-number", Unreadable, (soul, head) => soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"));
        yield return Begun("beyond-all-numbers", Unreadable, (soul, head) => soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n{body}"));
        yield return Begun("chunk-without-end", Unreadable, (soul, head) => soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX5\r\nhello\r\n0\r\n\r\n"));
        yield return Begun("chunks-without-end", Unreadable, (soul, head) => soul.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n"));

        // What is no answer, or not this one.
        yield return That("nothing", Unavailable, _ => Task.CompletedTask);
        yield return That("garbage", Unreadable, soul => soul.SendAsync("\0\u00FF\r\n\r\n\r\n"));
        yield return That("tls", Unreadable, soul => soul.SendAsync([0x15, 3, 1, 0, 2, 2, 70, 13, 10]));
        yield return That("other-version", Unreadable, soul => soul.SendAsync("HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"));
        yield return That("four-digits", Unreadable, soul => soul.SendAsync("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"));
        yield return That("no-digits", Unreadable, soul => soul.SendAsync("HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"));
        yield return That("status-999", Unavailable, soul => soul.SendAsync("HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n"));
        yield return That("header-without-colon", Unreadable, soul => soul.SendAsync("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"));
        yield return That("not-modified", Misconfigured, soul => soul.SendAsync("HTTP/1.1 304 X\r\n\r\n"));
        yield return That("other-protocol", Unreadable, async soul =>
        {
            await soul.SendAsync("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            await soul.RepeatAsync(Filler);
        });
        yield return Begun("no-content", Unreadable, (soul, head) => soul.SendAsync(head.Replace("200 OK", "204 X", StringComparison.Ordinal).Replace("201 Created", "204 X", StringComparison.Ordinal) + "\r\n"));
        yield return Begun("page", Unreadable, (soul, head) => soul.SendAsync($"{head}Content-Length: 6\r\n\r\n<html>"));
        yield return That("nonsense-wait", "429 upstream_rate_limited", soul => soul.SendAsync("HTTP/1.1 429 X\r\nRetry-After: 99999999999999999999\r\nretry-after-ms: -1e99\r\nx-ratelimit-reset-requests: NaN\r\nContent-Length: 0\r\n\r\n"));

        // Bombs.
        yield return Begun("gzip-bomb", Unreadable, (soul, head) => ExplodeAsync(soul, head, "gzip", stream => new GZipStream(stream, CompressionLevel.Fastest)));
        yield return Begun("brotli-bomb", Unreadable, (soul, head) => ExplodeAsync(soul, head, "br", stream => new BrotliStream(stream, CompressionLevel.Fastest)));
        yield return Begun("deflate-bomb", Unreadable, (soul, head) => ExplodeAsync(soul, head, "deflate", stream => new ZLibStream(stream, CompressionLevel.Fastest)));
        yield return Begun("twice-compressed", Unreadable, (soul, head) => soul.SendAsync($"{head}Content-Encoding: gzip, gzip\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        yield return Begun("not-compressed", Unreadable, (soul, head) => soul.SendAsync($"{head}Content-Encoding: br\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        // Odd, and good all the same.
        yield return Begun("other-type", Ok, (soul, head) => soul.SendAsync($"{head.Replace("application/", "text/", StringComparison.Ordinal)}Content-Length: {body.Length}\r\n\r\n{body}"));
        yield return Begun("old-version", Ok, (soul, head) => soul.SendAsync($"{head.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal)}\r\n{body}"));
        yield return Begun("two-answers", Ok, (soul, head) => soul.SendAsync($"{head}Content-Length: {body.Length}\r\n\r\n{body}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
    }

    /// <summary>While a socket is opened, when all can still be told as a status.</summary>
    private static IEnumerable<Torment> OfHandshakes =>
    [
        Handshake("wrong-accept", Unreadable, soul => soul.SendAsync(Soul.Accept(soul.Head).Replace(Soul.AcceptOf(soul.Head), "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", StringComparison.Ordinal))),
        Handshake("no-accept", Unreadable, soul => soul.SendAsync("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")),
        Handshake("other-subprotocol", Unreadable, soul => soul.SendAsync(Soul.Accept(soul.Head).Replace("realtime", "evil", StringComparison.Ordinal))),
        Handshake("ok", Unreadable, soul => soul.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
        Handshake("slow", TooSlow, soul => soul.DripAsync(Soul.Accept(soul.Head) + Filler)),
        Handshake("endless", Unreadable, async soul =>
        {
            await soul.SendAsync("HTTP/1.1 101 X\r\n");
            await soul.RepeatAsync("x: y\r\n");
        }),
        Handshake("garbage", Unreadable, soul => soul.SendAsync("\0\u00FF\r\n\r\n\r\n")),
        Accepted("silence", TooSlow, soul => soul.WaitAsync()),
        Accepted("nothing", Unavailable, _ => Task.CompletedTask),
        Accepted("goodbye", Unavailable, soul => soul.SendAsync(Soul.Frame(0x88, [0x03, 0xE8]))),
        Accepted("bad-goodbye", Unavailable, soul => soul.SendAsync(Soul.Frame(0x88, [0xFF]))),
        Accepted("reserved-bits", Unavailable, soul => soul.SendAsync(Soul.Frame(0xF1, "{}"))),
        Accepted("unknown-opcode", Unavailable, soul => soul.SendAsync(Soul.Frame(0x83, "{}"))),
        Accepted("mask", Unavailable, soul => soul.SendAsync([0x81, 0x82, 1, 2, 3, 4, 5, 6])),
        Accepted("no-text", Unavailable, soul => soul.SendAsync(Soul.Frame(0x81, [0xC3, 0x28]))),
        Accepted("long-ping", Unavailable, soul => soul.SendAsync(Soul.Frame(0x89, Filler))),
        Accepted("no-json", Unreadable, soul => soul.SendAsync(Soul.Frame(0x81, "hello"))),
        Accepted("no-event", Unreadable, soul => soul.SendAsync(Soul.Frame(0x81, "[]"))),
        Accepted("other-events", Unreadable, soul => soul.RepeatAsync(Soul.Frame(0x81, """{"type":"x"}"""))),
        Accepted("pings", TooSlow, soul => soul.RepeatAsync(Soul.Frame(0x89, "x"))) with { MostBytes = long.MaxValue },
        Accepted("endless-message", Unreadable, async soul =>
        {
            await soul.SendAsync(Soul.Frame(0x01, """{"type":"session.created","x":" """));
            await soul.RepeatAsync(Soul.Frame(0x00, Filler));
        }),
        Accepted("giant-frame-that-does-not-come", TooSlow, async soul =>
        {
            await soul.SendAsync([0x81, 127, 0x40, 0, 0, 0, 0, 0, 0, 0, .. "{\"type\":"u8]);
            await soul.WaitAsync();
        }),
    ];

    /// <summary>In the middle of a conversation, whose caller hears why it ends.</summary>
    private static IEnumerable<Torment> OfConversations =>
    [
        Open("reserved-bits", "101, 1011 upstream_unavailable", soul => soul.SendAsync(Soul.Frame(0xF1, "{}"))),
        Open("mask", "101, 1011 upstream_unavailable", soul => soul.SendAsync([0x81, 0x82, 1, 2, 3, 4, 5, 6])),
        Open("no-text", "101, 1011 upstream_unavailable", soul => soul.SendAsync(Soul.Frame(0x81, [.. """{"type":"response.output_text.delta","delta":" """u8, 0xC3, 0x28, .. "\"}"u8]))),
        Open("nothing", "101, 1011 upstream_unavailable", _ => Task.CompletedTask),
        Open("half-a-frame", "101, 1011 upstream_unavailable", soul => soul.SendAsync([0x81, 100, .. "{\"type\":"u8])),
        Open("message-within-message", "101, 1011 upstream_unavailable", soul => soul.SendAsync([.. Soul.Frame(0x01, "{"), .. Soul.Frame(0x81, "{}")])),
        Open("piece-of-nothing", "101, 1011 upstream_unavailable", soul => soul.SendAsync(Soul.Frame(0x80, "{}"))),
        Open("bad-goodbye", "101, 1011 upstream_unavailable", soul => soul.SendAsync(Soul.Frame(0x88, [0x03, 0xEE]))),
        Open("no-event", "101, 1011 upstream_invalid_response", soul => soul.SendAsync(Soul.Frame(0x81, """{"type":"response.done"}"""))),
        Open("other-things", "101, 1000", async soul =>
        {
            await soul.SendAsync([.. Soul.Frame(0x82, Filler), .. Soul.Frame(0x81, "hello"), .. Soul.Frame(0x81, "[]"), .. Soul.Frame(0x81, """{"type":"x"}"""), .. Soul.Frame(0x8A, "pong"), .. Soul.Frame(0x88, [])]);
            await soul.WaitAsync();
        }),
        Open("endless-audio", "101, 1009 message_too_large", async soul =>
        {
            await soul.SendAsync(Soul.Frame(0x01, """{"type":"response.output_audio.delta","delta":" """));
            await soul.RepeatAsync(Soul.Frame(0x00, Filler));
        }) with { MostBytes = long.MaxValue }, // of a service that does not stop talking, what comes in three seconds is thrown away
        Open("endless-session", "101, 1011 upstream_invalid_response", async soul =>
        {
            await soul.SendAsync(Soul.Frame(0x01, """{"type":"session.updated","x":" """));
            await soul.RepeatAsync(Soul.Frame(0x00, Filler));
        }) with { MostBytes = long.MaxValue },
    ];

    private static Torment Handshake(string name, string outcome, Func<Soul, Task> run) => new(Operation.Socket, $"handshake-{name}", outcome, run);

    private static Torment Accepted(string name, string outcome, Func<Soul, Task> run) => new(Operation.Socket, $"accepted-{name}", outcome, async soul =>
    {
        await soul.SendAsync(Soul.Accept(soul.Head));
        await run(soul);
    });

    private static Torment Open(string name, string outcome, Func<Soul, Task> run) => new(Operation.Socket, $"open-{name}", outcome, async soul =>
    {
        await soul.OpenAsync();
        await run(soul);
    });

    private static string HeadOf(Operation operation, string name) => operation is Operation.Mint
        ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        : $"HTTP/1.1 201 Created\r\nContent-Type: application/sdp\r\nLocation: /v1/realtime/calls/rtc_{name}\r\n";

    private static async Task ExplodeAsync(Soul soul, string head, string encoding, Func<Stream, Stream> compress)
    {
        using var bomb = new MemoryStream();
        await using (var compressing = compress(bomb))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < BombBytes / zeros.Length; i++)
                await compressing.WriteAsync(zeros);
        }

        var body = bomb.ToArray();
        await soul.SendAsync([.. Encoding.ASCII.GetBytes($"{head}Content-Encoding: {encoding}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);
    }
}
