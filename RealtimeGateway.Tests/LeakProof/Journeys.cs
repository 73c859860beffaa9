using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>
/// What callers do: every method of every endpoint that the running gateway has, by what the route's settings say that it is for. So a new one joins by itself.
/// </summary>
internal sealed partial class Journeys : IDisposable
{
    private static readonly string[] Talk =
    [
        """{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"cedar"}}}}""",
        $$$"""{"type":"session.update","session":{"type":"realtime","instructions":"{{{Canaries.OwnInstructions.Text}}}"}}""",
        $$"""{"type":"{{Canaries.Value.Text}}"}""",
        $$$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","{{{Canaries.Member.Text}}}":"{{{Canaries.Value.Text}}}","content":[]}}""",
        $$$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"{{{Canaries.Said.Text}}}"}]}}""",
        """{"type":"response.create"}""",
    ];

    private static readonly string[] Pages = ["/", "/index.html", "/main.js"];

    private readonly JsonObject _routes;
    private readonly string _token;
    private readonly ConcurrentBag<string> _codes = [];
    private readonly Dictionary<Canary, ConcurrentQueue<string>> _begun = new() { [Canaries.AlicesKey] = new(), [Canaries.BobsKey] = new() };

    /// <param name="addresses">Where the gateway is; the second one, if any, speaks HTTP/2.</param>
    /// <param name="endpoints">Method and path of all that it answers.</param>
    /// <param name="settings">What its settings file holds.</param>
    /// <param name="token">What proves one of its callers.</param>
    public Journeys(IReadOnlyList<Uri> addresses, IReadOnlyList<(string, string)> endpoints, Findings findings, JsonNode settings, string token) =>
        (Caller, Endpoints, _routes, _token) = (new(addresses[0], addresses.ElementAtOrDefault(1), findings), endpoints, settings["ReverseProxy"]!["Routes"]!.AsObject(), token);

    public CanaryCaller Caller { get; }

    /// <summary>Method and path of everything that the gateway answers.</summary>
    public IReadOnlyList<(string Method, string Pattern)> Endpoints { get; }

    /// <summary>Codes of errors that callers got.</summary>
    public IReadOnlyCollection<string> Codes => [.. _codes.Distinct(StringComparer.Ordinal)];

    /// <summary>Every endpoint, one after the other; the gateway's own come last, for some of them tell what became of the others.</summary>
    /// <param name="isBrief">Leaves out the megabytes of script that come with <c>/docs</c>.</param>
    public async Task VisitAllAsync(bool isBrief = false)
    {
        foreach (var page in Pages)
            await NoteAsync(Caller.SendAsync("GET", page, page, credential: null));
        foreach (var (method, pattern) in Endpoints.Where(endpoint => !isBrief || !endpoint.Pattern.EndsWith(".js", StringComparison.Ordinal)).OrderBy(endpoint => !IsProxied(endpoint.Pattern)))
            await VisitThoroughlyAsync(method, pattern);
    }

    /// <summary>These endpoints and pages, in this order.</summary>
    public async Task VisitAsync(IReadOnlyList<string> patterns)
    {
        foreach (var pattern in patterns)
        {
            if (Pages.Contains(pattern))
                await NoteAsync(Caller.SendAsync("GET", pattern, pattern, credential: null));
            foreach (var endpoint in Endpoints.Where(endpoint => endpoint.Pattern == pattern))
                await VisitThoroughlyAsync(endpoint.Method, pattern);
        }
    }

    /// <summary>Every endpoint behind which the service is asked for something, at the same time.</summary>
    public Task VisitServiceAsync() => Task.WhenAll(OfService.Select(endpoint => VisitAsync(endpoint.Method, endpoint.Pattern)));

    /// <summary>Begins the calls that <see cref="VisitServiceAsync"/> will end, while that is possible.</summary>
    public Task PrepareAsync() => Task.WhenAll(
        from endpoint in OfService
        where IsOfCall(endpoint.Pattern)
        from owner in _begun.Keys
        select PrepareAsync(owner));

    private IEnumerable<(string Method, string Pattern)> OfService => Endpoints.Where(endpoint =>
        IsOfSimulator(endpoint.Pattern) ? endpoint.Method is "GET" or "POST" : IsOfCall(endpoint.Pattern) && endpoint.Method is not "GET");

    public void Dispose() => Caller.Dispose();

    private async Task VisitAsync(string method, string pattern)
    {
        var route = RouteOf(pattern);
        var words = route?["Transforms"]?.AsArray().SelectMany(transform => transform!.AsObject()).ToDictionary(pair => pair.Key, pair => (string?)pair.Value) ?? [];
        if (words.ContainsKey("SessionEvents"))
            await ConverseAsync(pattern);
        else if (words.ContainsKey("SdpOffer"))
            await OfferAsync(pattern, replaces: words.ContainsKey("Session"));
        else if (words.ContainsKey("SessionResponse"))
            await MintAsync(pattern, replaces: words.ContainsKey("Session"));
        else if (pattern is "/telemetry/webrtc")
            await ReportAsync(pattern);
        else if (route is null && IsOfCall(pattern))
            await AboutCallAsync(method, pattern);
        else
            await NoteAsync(SendAsync(method, pattern, PathOf(pattern)));
    }

    /// <summary>And in all the ways that are not usual, where a route passes through what it gets.</summary>
    private async Task VisitThoroughlyAsync(string method, string pattern)
    {
        await VisitAsync(method, pattern);
        if (method is not "GET" || RouteOf(pattern) is not { } route || route["Transforms"] is not null)
            return;
        var (path, alice) = (PathOf(pattern), Canaries.AlicesKey.Text);
        await NoteAsync(Caller.ConverseAsync(path, pattern, alice, bySubprotocol: false)); // it might pass a tunnel through
        await NoteAsync(Caller.ConverseAsync(path, pattern, alice, bySubprotocol: true));
        await NoteAsync(Caller.SendAsync("GET", path, pattern, alice, isNewer: true));
        await NoteAsync(Caller.SendAsync("GET", path, pattern, credential: null, header: ("x-api-key", alice)));
        await NoteAsync(Caller.SendAsync("TRACE", path, pattern, alice));
        await NoteAsync(Caller.SendAsync(Canaries.Method.Text, path, pattern, alice));
    }

    private async Task MintAsync(string pattern, bool replaces)
    {
        foreach (var credential in new[] { Canaries.AlicesKey.Text, _token })
            await MintAsync(pattern, replaces, credential);
    }

    private Task<Answered> MintAsync(string pattern, bool replaces, string credential) => NoteAsync(Caller.SendAsync("POST", pattern + Query(), pattern, credential, Gateway.Json(replaces
        ? $$$"""{"session":{"type":"realtime","model":"gpt-realtime","instructions":"{{{Canaries.OwnInstructions.Text}}}"}}"""
        : """{"model":"gpt-realtime","voice":"alloy"}""")));

    private async Task ReportAsync(string pattern)
    {
        foreach (var what in new[] { "\"way\":\"token\",\"outcome\":\"connected\"", $"\"way\":\"{Canaries.Value.Text}\",\"outcome\":\"lost\"", $"\"way\":\"token\",\"{Canaries.Member.Text}\":1" })
            await NoteAsync(SendAsync("POST", pattern, pattern, Gateway.Json($$"""{"profile":"assistant",{{what}}}""")));
    }

    /// <summary>A secret of the gateway's own; empty when there is none to be had.</summary>
    private async Task<string> TicketAsync() => (await MintAsync("/openai/v1/realtime/client_secrets", replaces: true, Canaries.AlicesKey.Text)).Member("value") ?? "";

    private async Task OfferAsync(string pattern, bool replaces)
    {
        await OfferAsync(pattern, Canaries.AlicesKey.Text, Offer());
        if (!replaces)
            return;
        await OfferAsync(pattern, await TicketAsync(), Offer());
        var session = new StringContent($$"""{"type":"realtime","model":"gpt-realtime","instructions":"{{Canaries.OwnInstructions.Text}}"}""");
        await OfferAsync(pattern, Canaries.AlicesKey.Text, new MultipartFormDataContent { { Offer(), "sdp" }, { session, "session" } });
    }

    private async Task PrepareAsync(Canary owner)
    {
        if (await BeginCallAsync(owner) is { } call)
            _begun[owner].Enqueue(call);
    }

    /// <summary>Begins a call; where it is, or <c>null</c> when there is none to be had.</summary>
    private async Task<string?> BeginCallAsync(Canary owner) => (await OfferAsync("/calls", owner.Text, Offer())).Location;

    public Task<Answered> OfferAsync(string pattern, string credential, HttpContent offer) =>
        NoteAsync(Caller.SendAsync("POST", pattern + Query(), pattern, credential, offer));

    private async Task ConverseAsync(string pattern)
    {
        await NoteAsync(Caller.ConverseAsync($"{pattern}?nobody={Canaries.Query.Text}", pattern, Canaries.AlicesKey.Text, bySubprotocol: false, Talk));
        await NoteAsync(Caller.ConverseAsync(pattern, pattern, await TicketAsync(), bySubprotocol: true, Talk));
        await NoteAsync(Caller.ConverseAsync(pattern + Query(), pattern, Canaries.AlicesKey.Text, bySubprotocol: true));
    }

    /// <summary>One's own call, somebody else's, and none.</summary>
    private async Task AboutCallAsync(string method, string pattern)
    {
        foreach (var (owner, kind) in new[] { (Canaries.AlicesKey, ""), (Canaries.BobsKey, " of another caller") })
        {
            if (_begun[owner].TryDequeue(out var call) || (call = await BeginCallAsync(owner)) is not null)
                await NoteAsync(Caller.SendAsync(method, pattern.Replace("{id}", call.Split('/')[^1], StringComparison.Ordinal), pattern, Canaries.AlicesKey.Text, kind: kind));
        }

        await NoteAsync(SendAsync(method, pattern, pattern.Replace("{id}", Canaries.Path.Text, StringComparison.Ordinal)));
    }

    private Task<Answered> SendAsync(string method, string pattern, string path, HttpContent? content = null)
    {
        content ??= method is "POST" or "PUT" or "PATCH" ? Gateway.Json($$"""{"profile":"assistant","way":"token","{{Canaries.Member.Text}}":"{{Canaries.Value.Text}}"}""") : null;
        return Caller.SendAsync(method, path + Query(), pattern, pattern.StartsWith("/narrow", StringComparison.Ordinal) ? _token : Canaries.AlicesKey.Text, content);
    }

    /// <summary>A path of this pattern.</summary>
    public static string PathOf(string pattern) => Parameter().Replace(pattern, match => match.Value is "{documentName}" or "{documentName?}" ? "v1" : Canaries.Path.Text);

    /// <summary>Has a ticket made.</summary>
    public Task<string> AskForTicketAsync() => TicketAsync();

    public async Task<Answered> NoteAsync(Task<Answered> answer)
    {
        if ((await answer).Code is { } code)
            _codes.Add(code);
        return await answer;
    }

    private static bool IsOfCall(string pattern) => pattern.Contains("{id}", StringComparison.Ordinal);

    private bool IsProxied(string pattern) => RouteOf(pattern) is not null;

    private bool IsOfSimulator(string pattern) => (string?)RouteOf(pattern)?["ClusterId"] is "azureopenai" or "open";

    private JsonNode? RouteOf(string pattern) => _routes.Select(pair => pair.Value!).FirstOrDefault(route => (string?)route["Match"]!["Path"] == pattern);

    public static string Query() => $"?nobody={Canaries.Query.Text}&api-key={Canaries.QueryKey.Text}";

    public static StringContent Offer() => new(
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns={Canaries.Offer.Text}\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=ice-ufrag:{Canaries.Offer.Text}\r\n",
        Encoding.UTF8, new MediaTypeHeaderValue("application/sdp"));

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
