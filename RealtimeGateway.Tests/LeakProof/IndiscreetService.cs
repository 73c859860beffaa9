using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Recording;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>
/// A service that tells in more ways than the simulator does: by trailers, by codes and members that name a deployment, by what it echoes, by a redirect to somebody else; and on
/// a socket by events that come too early or are of no known type, and by the reason of its goodbye. The doctor's questions it answers with texts where a code, an id, a method or a
/// member should stand.
/// </summary>
internal sealed class IndiscreetService : IAsyncDisposable
{
    /// <summary>Written as it is: the server would add no trailer to HTTP/1.1.</summary>
    private const string WithTrailers =
        $"HTTP/1.1 200 {Telltales.ReasonPhrase}\r\nContent-Type: text/plain\r\nx-ms-region: {Telltales.Region}\r\nSet-Cookie: session={Telltales.Cookie}\r\nTransfer-Encoding: chunked\r\n"
        + $"Trailer: x-ms-backend\r\n\r\n4\r\nfine\r\n0\r\nx-ms-backend: {Telltales.Backend}\r\n\r\n";

    private const string Realtime = "/openai/v1/realtime";

    /// <summary>Neither a word nor an id, but allowed in the name of a header.</summary>
    private const string Text = Telltales.RedirectHost;

    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly ConcurrentQueue<ReceivedRequest> _elsewhere = new();
    private readonly ConcurrentQueue<(string Part, string Text)> _heard = new();
    private ScriptedUpstream _server = null!;
    private ScriptedUpstream _somebodyElse = null!;
    private int _goodbyes;

    public string Url => _server.Url;

    /// <summary>Where it sends whoever lets himself be sent.</summary>
    public string Elsewhere => $"{_somebodyElse.Url}/{Canaries.Elsewhere.Text}";

    public static async Task<IndiscreetService> StartAsync()
    {
        var service = new IndiscreetService();
        var sockets = new WebSocketMiddleware(service.AnswerAsync, Options.Create(new WebSocketOptions()), NullLoggerFactory.Instance);
        service._server = await ScriptedUpstream.StartAsync(sockets.Invoke);
        service._somebodyElse = await ScriptedUpstream.StartAsync(context => NoteAsync(context, service._elsewhere));
        return service;
    }

    /// <summary>Adds what has reached it, and what has reached somebody else, since the last time.</summary>
    public void TellTo(Findings findings)
    {
        while (_requests.TryDequeue(out var request))
            findings.Add(Audience.Service, request);
        while (_heard.TryDequeue(out var heard))
            findings.AddFrame(Audience.Service, Contract.SocketOfService, heard.Text, heard.Part);
        while (_elsewhere.TryDequeue(out var request))
            findings.Add(Audience.Stranger, request);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _somebodyElse.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        await NoteAsync(context, _requests);
        if (context.Request.Path.StartsWithSegments(Realtime, out var rest) && rest.HasValue)
            await AnswerDoctorAsync(context);
        else
            await AnswerCallerAsync(context);
    }

    private Task AnswerDoctorAsync(HttpContext context)
    {
        foreach (var name in (string[])["apim-request-id", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods"])
            context.Response.Headers[name] = Text;
        context.Response.Headers[$"x-ratelimit-{Text}"] = "1";
        return HttpMethods.IsPost(context.Request.Method) && context.Request.Path.Value!.EndsWith("/client_secrets", StringComparison.Ordinal)
            ? context.Response.WriteAsJsonAsync(MintedSession())
            : RefuseAsync(context, StatusCodes.Status400BadRequest, Text);
    }

    private Task AnswerCallerAsync(HttpContext context) =>
        context.Request.Method switch
        {
            "GET" => context.WebSockets.IsWebSocketRequest ? ConverseAsync(context) : WriteRawAsync(context, WithTrailers),
            "POST" => RefuseAsync(context, StatusCodes.Status400BadRequest, Canaries.IndiscreetDeployment.Text),
            "PUT" => RefuseAsync(context, StatusCodes.Status400BadRequest, Telltales.Resource),
            "PATCH" => RefuseAsync(context, StatusCodes.Status403Forbidden, Canaries.IndiscreetDeployment.Text),
            "DELETE" => LeadAsync(context),
            "TRACE" => context.Response.WriteAsync(string.Join("\r\n", context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"))),
            _ => Task.CompletedTask,
        };

    private static Task RefuseAsync(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = Telltales.ReasonPhrase;
        return context.Response.WriteAsJsonAsync(ErrorOf(word));
    }

    private static JsonObject MintedSession() => new()
    {
        ["value"] = $"ek_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}",
        ["expires_at"] = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds(),
        ["session"] = new JsonObject { ["type"] = "realtime", ["id"] = "sess_1", ["model"] = "gpt-realtime", ["tracing"] = Text },
    };

    private static JsonObject ErrorOf(string word) => new()
    {
        ["type"] = "error",
        [word] = true,
        ["error"] = new JsonObject { ["type"] = word, ["code"] = word, ["param"] = $"session.{word}", ["message"] = $"{Telltales.Resource} does not like this." },
    };

    private Task LeadAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location = Elsewhere;
        return Task.CompletedTask;
    }

    private static async Task WriteRawAsync(HttpContext context, string answer)
    {
        var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
        socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a reset would take it back
        context.Abort();
    }

    private async Task ConverseAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
        try
        {
            await TellAsync(socket);
            await HearAsync(socket, "response.create");
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, NextGoodbye(), context.RequestAborted);
            await HearAsync(socket, last: null);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // Cut off.
        }
    }

    /// <summary>A text that is no identifier, and an identifier that names something, in turn.</summary>
    private string NextGoodbye() => Interlocked.Increment(ref _goodbyes) % 2 == 0 ? Canaries.IndiscreetDeployment.Text : $"{Telltales.Resource} is full";

    private async Task TellAsync(WebSocket socket)
    {
        var limits = $$"""{"type":"{{Canaries.Quota.Text}}","rate_limits":[]}""";
        await SendAsync(socket, """{"type":"session.created","session":{}}""");
        await SendAsync(socket, limits);
        var update = await ReceiveAsync(socket);
        await SendAsync(socket, limits);
        await SendAsync(socket, new JsonObject { ["type"] = "session.updated", ["session"] = JsonNode.Parse(update!)!["session"]!.DeepClone() }.ToJsonString());
        await SendAsync(socket, $$"""{"type":"{{Telltales.Resource}} speaks"}""");
        await SendAsync(socket, ErrorOf(Canaries.IndiscreetDeployment.Text).ToJsonString());
        await socket.SendAsync(Encoding.UTF8.GetBytes(Telltales.Backend).AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    private async Task HearAsync(WebSocket socket, string? last)
    {
        while (await ReceiveAsync(socket) is { } heard && (last is null || !heard.Contains(last, StringComparison.Ordinal)))
        {
            // It is noted as it comes.
        }
    }

    private static Task SendAsync(WebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private async Task<string?> ReceiveAsync(WebSocket socket)
    {
        var message = await CanaryCaller.ReceiveAsync(socket, CancellationToken.None);
        _heard.Enqueue(message is null ? ("close reason", socket.CloseStatusDescription ?? "") : ("frame", message));
        return message;
    }

    private static async Task NoteAsync(HttpContext context, ConcurrentQueue<ReceivedRequest> received)
    {
        using var body = new StreamReader(context.Request.Body);
        var request = context.Request;
        var headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        received.Enqueue(new(DateTimeOffset.UtcNow, request.Method, request.Path.Value!, request.QueryString.Value!, headers, await body.ReadToEndAsync()));
    }
}
