using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;
using RealtimeGateway.Tests.Sockets;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>
/// A gateway, a Prometheus that scrapes it, and a while of everything that callers and the service do: sessions, refusals, faults, calls, sockets. What the
/// clients saw is kept.
/// </summary>
public sealed class MixedTraffic : IAsyncLifetime
{
    private const int PermitsPerDay = 60;

    private readonly List<(string Path, int Status, string Code)> _seen = [];
    private SimulatedAzure _azure = null!;

    public Gateway Gateway { get; private set; } = null!;

    public PrometheusServer Prometheus { get; private set; } = null!;

    public int CallsBegun { get; private set; }

    public int CallsHungUp { get; private set; }

    public int Sockets { get; private set; }

    public long Tokens { get; private set; }

    /// <summary>Answers that clients got, by path and code; <c>ok</c> for a success.</summary>
    public int Saw(string code, string? path = null) => _seen.Count(seen => seen.Code == code && (path is null || seen.Path == path));

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true }, TimeProvider.System);
        var settings = new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["Limits:sessionsperday:Permits"] = $"{PermitsPerDay}",
        };
        Gateway = Gateway.StartWith(_azure.Url, settings);
        Prometheus = await PrometheusServer.StartAsync(Gateway);
        // Two rounds, each scraped, so that every rate has something to be a rate of.
        for (var round = 1; round <= 2; round++)
        {
            await MintAsync(10);
            await SendAsync("/sessions", "{", 3);
            await SendAsync("/sessions", """{"prompt":"mine"}""", 2);
            await SendAsync("/nowhere", "{}", 2);
            await CallAsync(begin: 3, hangUp: 2);
            await ConverseAsync();
            await ReportAsync();
            await FailAsync(503, 2);
            await Gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:MaxOutputTokens", $"{1000 + round}"));
            await WhenScrapedAsync();
        }

        await MintAsync(PermitsPerDay); // more than there are left
        await WhenScrapedAsync();
        await WhenScrapedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Prometheus.DisposeAsync();
        await Gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    private Task MintAsync(int times) => SendAsync("/sessions", "{}", times);

    private async Task SendAsync(string path, string body, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await Gateway.MintAsync(body, path);
            await SeeAsync(path, response);
        }
    }

    private async Task FailAsync(int status, int times)
    {
        Gateway.Announce($"answered {status}");
        _azure.Faults.Inject(new() { Effect = FaultEffect.Status, Operation = FaultOperation.Mint, Status = status, Times = times });
        await MintAsync(times);
    }

    private async Task CallAsync(int begin, int hangUp)
    {
        for (var i = 0; i < begin; i++)
        {
            using var response = await Gateway.CallAsync();
            await SeeAsync("/calls", response);
            CallsBegun++;
            if (i < hangUp && await Gateway.HangUpAsync(response.Headers.Location!.OriginalString).StatusAsync() == 204)
                CallsHungUp++;
        }
    }

    /// <summary>What a page tells about a call, by both ways.</summary>
    private async Task ReportAsync()
    {
        foreach (var way in new[] { "token", "relay" })
        {
            await SendAsync("/telemetry/webrtc", $$"""
                {"profile":"assistant","way":"{{way}}","round_trip":0.04,"jitter":0.004,"loss":0.01,"bitrate_received":31000,"bitrate_sent":28000,"time_to_first_audio":1.2,"outcome":"connected"}
                """, 3);
        }
    }

    /// <summary>Two turns, so that the second finds the first in the service's cache.</summary>
    private async Task ConverseAsync()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(Gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
        await using var caller = new Peer(socket);
        for (var turn = 0; turn < 2; turn++)
        {
            await caller.SendAsync("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"tell me a long story"}]}}""");
            await caller.SendAsync("""{"type":"response.create"}""");
            var done = await caller.ReceiveAsync();
            while ((string?)done["type"] != "response.done")
                done = await caller.ReceiveAsync();
            Tokens += (long)done["response"]!["usage"]!["total_tokens"]!;
        }

        await caller.CloseAsync(1000);
        await caller.ReceiveCloseAsync();
        _seen.Add(("/realtime", 101, "ok"));
        Sockets++;
    }

    private async Task SeeAsync(string path, HttpResponseMessage response)
    {
        var code = response.IsSuccessStatusCode ? "ok" : (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["code"]!;
        _seen.Add((path, (int)response.StatusCode, code));
    }

    /// <summary>Prometheus has all that has happened until now.</summary>
    private async Task WhenScrapedAsync()
    {
        var scrapes = await ScrapesAsync();
        await Eventually.ShouldAsync(async () => await ScrapesAsync() >= scrapes + 2); // the first may have been on its way
    }

    private Task<double> ScrapesAsync() => Prometheus.SumAsync("sum_over_time(up[1h])");
}
