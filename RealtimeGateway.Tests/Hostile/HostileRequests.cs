using System.Text;
using CsCheck;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// What a connection may bring in place of requests of HTTP/1.1: names and values that are none, two lengths or none, chunks that do not add up, folded lines,
/// targets of every form, and several of all that in one piece.
/// </summary>
internal static class HostileRequests
{
    /// <summary>A text that must not come out at the other end.</summary>
    public const string Canary = "canary";

    private static readonly string[] Paths =
    [
        "/sessions", "/sessions/", "/calls", "/realtime", "/openai/v1/realtime/client_secrets", "/openai/v1/realtime/calls", "/openai/v1/realtime", "/openai/v1/chat/completions", "/telemetry/webrtc", "/profiles",
        "/health", "/health/ready", "/metrics", "/openapi/v1.json", "/docs", "/", "/main.js", "/nowhere", "/calls/call_x", "/openai/v1/realtime/calls/call_x/hangup",
    ];

    private static readonly string[] Names =
    [
        "model", "profile", "call_id", "intent", "deployment", "api-version", "api-key", "webrtcfilter", "model[]", "x", "", "MODEL", "%6dodel", "mod\u00E9l", "%", "%zz", "%00", "__proto__",
    ];

    private static readonly Gen<string> Value = Gen.Frequency(
        (8, Gen.OneOf("gpt-realtime", "assistant", "open", "v1", "on", "ek_canary", "canary", "", "%", "%0d%0a", "%u0041", "+", "a;b", "%ff%fe", "..%2f", "\\", "{}", "#")), (1, Mutation.Text.Select(Printable)));

    private static readonly Gen<string> Query = Gen.Frequency(
        (3, Gen.Const("")), (4, Gen.Select(Gen.OneOf(Names), Gen.OneOf("=", "", "=="), Value, (name, equals, value) => name + equals + value).Array[1, 5].Select(pairs => "?" + string.Join('&', pairs))),
        (1, Gen.Int[1, 3000].Select(count => "?" + string.Concat(Enumerable.Repeat("a=&", count)))), (1, Mutation.Text.Select(text => "?" + Printable(text))));

    private static readonly Gen<string> Path = Gen.Frequency(
        (8, Gen.OneOf(Paths)),
        (2, Gen.Select(Gen.OneOf(Paths), Gen.OneOf("/..", "/.", "//", "/%2e%2e/", "/%2f", "\\", "%00", "%", "%c0%af", ";x=y", "/\u00E9", "%25", "*", ":", "@evil.example/"), Gen.OneOf(Paths), Gen.Bool, (one, between, other, isBefore) => isBefore ? between + one : one + between + other)),
        (1, Mutation.Text.Select(text => "/" + Printable(text))), (1, Mutation.Text.Select(text => "/calls/" + Printable(text))));

    /// <summary>What may stand between method and version.</summary>
    public static readonly Gen<string> Target = Gen.Frequency(
        (6, Gen.OneOf(Paths)), (8, Gen.Select(Path, Query, (path, query) => path + query)),
        (1, Gen.Select(Gen.OneOf("http://localhost", "http://evil.example", "https://localhost:1", "HTTP://u:p@localhost", "ftp://localhost", "http://[::1", "http://"), Path, (start, path) => start + path)),
        (1, Gen.OneOf("*", "localhost:80", "", " ", "?", "#", "sessions", "//", "///")));

    private static readonly Gen<string> HeaderValue = Gen.Frequency(
        (12, Gen.OneOf("canary", "canary, canary", "", " ", "\t", "close", "keep-alive", "upgrade", "websocket", "127.0.0.1", "null", "https://evil.example", "0", "-1", "\"", "*/*", "gzip", "application/json", "Bearer ek_canary", "Bearer", "Basic Y2FuYXJ5")),
        (1, Gen.OneOf("\u00E9", "\u0001", "a\0b")), (1, Mutation.Text.Select(Printable)));

    private static readonly Gen<string> HeaderName = Gen.Frequency(
        (24, Gen.OneOf(
            "Authorization", "api-key", "x-api-key", "Cookie", "Origin", "Sec-Fetch-Site", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "traceparent", "tracestate", "OpenAI-Beta", "x-ms-client-request-id",
            "X-Stainless-Lang", "Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Expect", "Upgrade", "Connection", "Keep-Alive", "TE", "Trailer", "Range", "If-Match", "If-None-Match", "Host", "Via", "Max-Forwards",
            "Proxy-Authorization", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Access-Control-Request-Method", "X-HTTP-Method-Override", "Content-Location", "Date")),
        (1, Gen.OneOf("", " ", "x y", "x\u00E9", "x\0", ":path", "(x)", "x\t", "Transfer-Encoding ", new string('n', 9000))));

    private static readonly Gen<string> Header = Gen.Select(HeaderName, Gen.Frequency((40, ": "), (6, ":"), (1, " : "), (1, ""), (1, ":\t")), HeaderValue, Gen.Frequency((40, "\r\n"), (1, "\n"), (1, "\r"), (1, "\r\n folded\r\n")), (name, colon, value, end) => name + colon + value + end);

    private static readonly Gen<string> Headers = Gen.Frequency(
        (16, Header.Array[0, 4].Select(string.Concat)), (1, Gen.Int[1, 200].Select(count => string.Concat(Enumerable.Repeat("x: y\r\n", count)))), (1, Gen.Int[1, 40_000].Select(length => $"x: {new string('y', length)}\r\n")));

    private static readonly Gen<string> Type = Gen.Frequency(
        (6, "application/json"), (2, "application/sdp"), (1, "application/json; charset=utf-16"), (1, "multipart/form-data; boundary=x"), (1, "text/plain"), (1, "application/json, application/sdp"), (1, ""), (1, "\u00E9"));

    private static readonly Gen<string> Body = Gen.Frequency((4, "{}"), (2, HostileSdp.Chromiums), (1, ""), (1, "{\"model\":\"gpt-realtime\"}"), (1, new string(' ', 70_000)), (1, "canary"), (1, "\0\u00FF"));

    // A body and the headers that say how long it is, right or wrong.
    private static readonly Gen<(string Headers, string Body)> Framed = Gen.Select(
        Body, Gen.Frequency((6, 0), (3, 1), (1, 2), (1, 3)), Gen.OneOf("+1", "-1", "0x2", "2, 2", "1, 2", "99999999999999999999", "", " 2 ", "2\r\nContent-Length: 3", "2.0", "\u0662"),
        Gen.OneOf("chunked", "Chunked", "chunked, chunked", "gzip, chunked", "chunked, identity", "identity", "xchunked", "chunked\r\nTransfer-Encoding: chunked", "\tchunked", "chunked;q=1"), Gen.Bool, Frame);

    private static readonly Gen<string> Method = Gen.Frequency(
        (24, "POST"), (12, "GET"), (1, "DELETE"), (1, "OPTIONS"), (1, "PUT"), (1, "CONNECT"), (1, "TRACE"), (1, "PRI"), (1, "get"), (1, ""), (1, "P\u00D6ST"), (1, "POST\t"), (1, new string('M', 300)));

    private static readonly Gen<string> Version = Gen.Frequency((40, "HTTP/1.1"), (3, "HTTP/1.0"), (1, "HTTP/2.0"), (1, "HTTP/3.7"), (1, "HTTP/1.2"), (1, "http/1.1"), (1, ""), (1, "ICE/1.0"));

    private static readonly Gen<string> One = Gen.Select(
        Method, Target, Version, Gen.Frequency((40, "Host: localhost\r\n"), (1, ""), (1, "Host: evil.example\r\n"), (1, "Host: a\r\nHost: b\r\n"), (1, "Host: a/b\r\n"), (1, "Host: \u00E9\r\n"), (1, "Host: localhost:99999\r\n")), Headers, Type, Framed,
        (method, target, version, host, headers, type, framed) => $"{method} {target} {version}\r\n{host}{headers}Content-Type: {type}\r\n{framed.Headers}\r\n{framed.Body}");

    // Ends the connection wherever the one before was understood to its end.
    private const string Last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    /// <summary>One to three requests in one piece.</summary>
    public static readonly Gen<byte[]> Any = Mutation.Of(One.Array[1, 3].Select(requests => Encoding.Latin1.GetBytes(string.Concat(requests) + Last)), most: 1);

    /// <summary>Well-formed requests for targets of every kind.</summary>
    public static readonly Gen<byte[]> Addressed = Gen.Select(Gen.OneOf("GET", "POST", "DELETE", "OPTIONS", "PATCH"), Target, (method, target) =>
        Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"));

    private static (string Headers, string Body) Frame(string body, int how, string length, string encoding, bool isWhole) => how switch
    {
        0 => ($"Content-Length: {Encoding.Latin1.GetByteCount(body)}\r\n", body),
        1 => ("Transfer-Encoding: chunked\r\n", Chunked(body, isWhole)),
        2 => ($"Content-Length: {length}\r\n", body),
        _ => ($"Content-Length: {body.Length}\r\nTransfer-Encoding: {encoding}\r\n", Chunked(body, isWhole)),
    };

    private static string Chunked(string body, bool isWhole) => isWhole
        ? $"{body.Length:x};ext=\"canary\"\r\n{body}\r\n0\r\nx-trailer: canary\r\n\r\n"
        : $"{(body.Length % 3) switch { 0 => "-1", 1 => "fffffffffffffffff", _ => "zz" }}\r\n{body}\r\n0\r\n\r\n";

    private static string Printable(string text) => text.Length > 9000 ? text[..9000] : text;
}
