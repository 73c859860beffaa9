using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;
using RealtimeGateway.Tests.Sockets;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Hostile;

/// <summary>
/// A gateway with everything switched on that reads what callers send, in front of a service that is well, and what must be true of it however it was
/// treated: it logged no error, holds nothing, told the service nothing that it should not, and serves.
/// </summary>
public sealed class Siege : IAsyncLifetime
{
    /// <summary>Conversations at once. One place that is not given back shows.</summary>
    private const int Places = 48;

    private static readonly string[] Paths = [SimulatedAzure.Mint, SimulatedAzure.Calls, "/openai/v1/realtime"];

    private static readonly string[] Headers =
    [
        "Host", "Accept", "Content-Type", "Content-Length", "Transfer-Encoding", "Authorization", "api-key",
        "Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
    ];

    private readonly List<Exception> _unobserved = [];

    public Gateway Gateway { get; private set; } = null!;

    internal SimulatedAzure Azure { get; private set; } = null!;

    /// <summary>A token of an issuer that the gateway knows, a ticket and the id of a call, each good once: what forgers begin with.</summary>
    internal string[] Credentials { get; private set; } = [];

    internal string CallId { get; private set; } = "";

    private Issuer _issuer = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        // Its clock is an hour behind, so that a minted secret is over at once and counts as no call.
        var behind = new ShiftingTime();
        behind.Advance(TimeSpan.FromHours(-1));
        Azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true }, behind);
        var key = CallersKey.New();
        var variables = new Dictionary<string, string?>(_issuer.Settings())
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["Callers:AllowAnonymous"] = "true",
            ["Callers:Keys:web:Hash"] = key.Hash,
            ["Limits:sessionsatonce:Permits"] = $"{Places}",
            ["Limits:sessionsatonce:By"] = "Global",
            ["Limits:sessionsatonce:Window"] = "1.00:00:00",
        };
        foreach (var limit in new[] { "sessions", "sessionsperday", "webrtcreports", "failedauthentication" })
            (variables[$"Limits:{limit}:Permits"], variables[$"Limits:{limit}:Window"]) = ("1000000", "00:00:01");
        Gateway = Gateway.StartWith(Azure.Url, variables, settings =>
        {
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:sdkclientsecrets:Metadata:Limit", "\"sessions\""); // a ticket holds its place until it expires
            settings.Set("Realtime:Profiles:open", """{ "Models": [ "gpt-realtime" ], "Voices": [ "marin" ], "ClientMaySet": [ "model", "voice", "instructions", "modalities", "tools" ] }""");
            settings.Set("Realtime:Profiles:assistant:Transcription", """{ "Model": "whisper-1" }""");
        });
        Gateway.Announce(""); // what is warned about has been asked for; errors are looked for below
        var ticket = await TicketAsync();
        Credentials = [key.Key, _issuer.Token(DateTimeOffset.UtcNow), ticket];
        CallId = (await Gateway.BeginCallAsync()).Split('/')[^1];
        Assert.Equal(204, await Gateway.HangUpAsync($"/calls/{CallId}").StatusAsync());
        TaskScheduler.UnobservedTaskException += Observe;
    }

    public async ValueTask DisposeAsync()
    {
        TaskScheduler.UnobservedTaskException -= Observe;
        await Gateway.DisposeAsync();
        await Azure.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    /// <summary>Nothing has gone wrong so far, in the log or at the service.</summary>
    public void AssertUnharmed()
    {
        var errors = Gateway.Logs.GetSnapshot(clear: true).Where(record => record.Level >= LogLevel.Error && !IsOfServersDecoder(record)).Select(record => $"{record.Category}: {record.Message} {record.Exception}").ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
        var received = Azure.Received.All;
        Azure.Received.Forget();
        foreach (var request in received)
        {
            Assert.True(Paths.Contains(request.Path) || IsPassThrough(request.Path) || request.Path.EndsWith("/hangup", StringComparison.Ordinal), request.Path);
            Assert.Contains(request.Query, new[] { "", "?model=gpt-realtime" });
            Assert.Empty(request.Headers.Keys.Except(Headers, StringComparer.OrdinalIgnoreCase));
            Assert.DoesNotContain(request.Headers, header => header.Key is not ("Accept" or "Content-Type") && header.Value.Contains(HostileRequests.Canary, StringComparison.Ordinal));
        }
    }

    // Such a route keeps the caller's spelling, and a pattern of ASP.NET matches in any case and with a slash at the end as well.
    private static bool IsPassThrough(string path) =>
        (path.EndsWith('/') ? path[..^1] : path).Equals("/openai/v1/chat/completions", StringComparison.OrdinalIgnoreCase);

    // The server has no answer of its own to trailers that are no text or hold a null, and takes what its decoder throws for the application's.
    private static bool IsOfServersDecoder(FakeLogRecord record) =>
        record is { Category: "Microsoft.AspNetCore.Server.Kestrel", Exception: InvalidOperationException { StackTrace: { } trace } }
        && (trace.Contains("GetAsciiOrUTF8String", StringComparison.Ordinal) || trace.Contains("HttpUtilities.ThrowForInvalidCharacter", StringComparison.Ordinal));

    /// <summary>It has nothing left in its hands, threw nothing away, and serves.</summary>
    public async Task AssertAtPeaceAsync()
    {
        AssertUnharmed();
        await Eventually.ShouldAsync(() => Gateway.Services.GetRequiredService<OpenSockets>().Count == 0);
        await Eventually.ShouldAsync(async () => (await Azure.CallsAsync()).All(call => (string?)call["state"] != "live"));
        await Eventually.ShouldAsync(async () => (await Gateway.ScrapeAnewAsync()).Where(line => line.StartsWith("realtime_gateway_calls_active{", StringComparison.Ordinal)).All(line => line.EndsWith(" 0", StringComparison.Ordinal)));
        await AssertServingAsync();
        AssertUnharmed();
        LiveHeap();
        lock (_unobserved)
            Assert.Empty(_unobserved);
    }

    /// <summary>Bytes that are alive.</summary>
    public static long LiveHeap()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>Every way works, and every place can be taken.</summary>
    private async Task AssertServingAsync()
    {
        using (var minted = await Gateway.MintAsync())
            Assert.Equal(200, (int)minted.StatusCode);
        var sockets = new List<Peer>();
        await Eventually.ShouldAsync(async () => // what a caller has just left may hold its place for a moment
        {
            while (sockets.Count < Places - 1 && await TryConverseAsync() is { } socket)
                sockets.Add(socket);
            return sockets.Count == Places - 1;
        });
        var call = await Gateway.BeginCallAsync();
        using (var refused = await Gateway.CallAsync())
            await refused.ShouldFailAsync(429, "too_many_calls");
        Assert.Equal(204, await Gateway.HangUpAsync(call).StatusAsync());
        foreach (var socket in sockets)
        {
            await socket.CloseAsync(1000);
            await socket.ReceiveCloseAsync();
            await socket.DisposeAsync();
        }

        await Eventually.ShouldAsync(() => Gateway.Services.GetRequiredService<OpenSockets>().Count == 0);
    }

    private async Task<Peer?> TryConverseAsync()
    {
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        try
        {
            await socket.ConnectAsync(new UriBuilder(Gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException) when (socket.HttpStatusCode is HttpStatusCode.TooManyRequests)
        {
            return null;
        }

        var caller = new Peer(socket);
        Assert.Equal("session.created", (string?)(await caller.ReceiveAsync())["type"]);
        return caller;
    }

    private async Task<string> TicketAsync()
    {
        using var response = await Gateway.MintAsync("{}", SimulatedAzure.Mint);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["value"]!;
    }

    private void Observe(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        lock (_unobserved)
            _unobserved.Add(e.Exception);
    }
}
