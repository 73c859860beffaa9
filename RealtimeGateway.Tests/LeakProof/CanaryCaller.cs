using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>A caller that plants something wherever a request has room for it, and has every byte of what it is answered looked into.</summary>
/// <param name="address">Where it finds the gateway.</param>
/// <param name="newer">Where the gateway speaks HTTP/2, which tells what HTTP/1.1 cannot; <c>null</c> when nowhere.</param>
internal sealed class CanaryCaller(Uri address, Uri? newer, Findings findings) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null })
    {
        BaseAddress = address,
        Timeout = Patience,
    };

    /// <summary>Sends it as whoever holds this credential.</summary>
    /// <param name="pattern">The path as the gateway knows it, without what is a caller's own.</param>
    public async Task<Answered> SendAsync(
        string method, string path, string pattern, string? credential, HttpContent? content = null, string kind = "", (string Name, string Value)? header = null,
        bool isNewer = false, CancellationToken cancellation = default)
    {
        using var request = Compose(method, path, credential);
        if (isNewer && newer is not null)
            (request.RequestUri, request.Version, request.VersionPolicy) = (new(newer, path), HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        request.Content = content;
        if (header is var (name, value))
            request.Headers.TryAddWithoutValidation(name, value);
        return await SendAsync(request, $"{method} {pattern}", kind, cancellation);
    }

    /// <summary>Opens a socket, says something, and goes when it has been answered.</summary>
    public async Task<Answered> ConverseAsync(string path, string pattern, string? credential, bool bySubprotocol, params string[] events)
    {
        using var request = Compose("GET", path, bySubprotocol ? null : credential);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        request.Headers.Add("Sec-WebSocket-Protocol", bySubprotocol && credential is not null ? $"realtime, openai-insecure-api-key.{credential}" : "realtime");
        return await SendAsync(request, $"GET {pattern}", "", default, events);
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Compose(string method, string path, string? credential)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        var headers = request.Headers;
        if (credential is not null)
            headers.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        headers.Add("Cookie", $"session={Canaries.Cookie.Text}");
        headers.Add("Ocp-Apim-Subscription-Key", Canaries.SubscriptionKey.Text);
        headers.Add("x-ms-something", Canaries.Header.Text);
        headers.Add("OpenAI-Organization", Canaries.Header.Text);
        headers.Add("x-request-id", Canaries.Header.Text);
        headers.TryAddWithoutValidation("User-Agent", Canaries.UserAgent.Text);
        headers.Add("traceparent", $"00-{Canaries.TraceId.Text}-5eed1eaf5eed1eaf-01");
        headers.Add("tracestate", $"vendor={Canaries.Trace.Text}");
        headers.Add("baggage", $"who={Canaries.Trace.Text}");
        headers.Add("X-Forwarded-For", Canaries.Forwarded.Text);
        return request;
    }

    private async Task<Answered> SendAsync(HttpRequestMessage request, string where, string kind, CancellationToken cancellation, string[]? events = null)
    {
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            where = $"{where} {(int)response.StatusCode}{kind}";
            findings.Add(Audience.Caller, where, "reason phrase", response.ReasonPhrase);
            foreach (var (name, value) in response.Headers.Concat(response.Content.Headers).SelectMany(header => header.Value.Select(value => (header.Key, value))))
                findings.AddHeader(Audience.Caller, where, name, value);
            var location = response.Headers.Location?.OriginalString;
            if (response.StatusCode is HttpStatusCode.SwitchingProtocols)
                return new(101, await ConverseAsync(await response.Content.ReadAsStreamAsync(cancellation), where, events ?? []), location);
            var body = await ReadAsync(response, cancellation);
            findings.AddBody(Audience.Caller, where, body);
            foreach (var (name, values) in response.TrailingHeaders)
                findings.AddHeader(Audience.Caller, where, name, string.Join(' ', values));
            return new((int)response.StatusCode, body, location);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return new(0, "", null); // there was no answer, or it broke off: nothing has come out
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        try
        {
            await (await response.Content.ReadAsStreamAsync(cancellation)).CopyToAsync(body, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // It broke off, and what has come counts.
        }

        return Encoding.UTF8.GetString(body.ToArray());
    }

    /// <summary>The last event, once a response is done or the service says no more.</summary>
    private async Task<string> ConverseAsync(Stream stream, string where, string[] events)
    {
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { KeepAliveInterval = TimeSpan.Zero });
        using var patience = new CancellationTokenSource(Patience);
        var last = "";
        try
        {
            foreach (var text in events)
                await socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            while (await ReceiveAsync(socket, patience.Token) is { } message)
            {
                findings.AddFrame(Audience.Caller, where, last = message);
                if (IsLast(message) && socket.State is WebSocketState.Open)
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, Canaries.Goodbye.Text, patience.Token);
            }

            findings.Add(Audience.Caller, where, "close reason", socket.CloseStatusDescription);
            if (socket.State is WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, Canaries.Goodbye.Text, patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            // Cut off.
        }

        return last;
    }

    private static bool IsLast(string message) => (string?)JsonNode.Parse(message)!["type"] is "response.done";

    /// <summary>The next message; <c>null</c> when the other side has said goodbye.</summary>
    public static async Task<string?> ReceiveAsync(WebSocket socket, CancellationToken cancellation)
    {
        using var message = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(piece.AsMemory(), cancellation);
            if (received.MessageType is WebSocketMessageType.Close)
                return null;
            message.Write(piece, 0, received.Count);
            if (received.EndOfMessage)
                return Encoding.UTF8.GetString(message.ToArray());
        }
    }
}

/// <param name="Status">0 when there was none.</param>
/// <param name="Body">The body, or the last event of a socket.</param>
internal sealed partial record Answered(int Status, string Body, string? Location)
{
    /// <summary>The code in the envelope; <c>null</c> when it is no error.</summary>
    public string? Code => Status >= 400 && ErrorCode().Match(Body) is { Success: true } match ? match.Groups["code"].Value : null;

    // What passes through may have broken off, and is no JSON then.
    [GeneratedRegex(@"^\{""error"":\{""message"":""[^""]*"",""type"":""\w+"",""code"":""(?<code>\w+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ErrorCode();

    public string? Member(string name) => Status is 200 ? JsonDocument.Parse(Body).RootElement.GetProperty(name).GetString() : null;
}
