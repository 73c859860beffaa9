using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Limits;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;
using RealtimeGateway.Tests.Sockets;

namespace RealtimeGateway.Tests.Drills;

/// <summary>
/// Half an hour of everything at once, on a gateway whose clock goes two minutes at a time: mints of many callers, calls, sockets, secrets for SDKs, refusals, callers that leave, every fault of the
/// service, good and bad configuration, turning keys. What is held in the end is what was held once all had happened.
/// </summary>
[Collection(nameof(Telemetry.Alone))]
public sealed class SoakTests
{
    private const int Rounds = 15;
    private const int Settled = 5; // rounds after which everything has happened, and callers come back

    private static readonly TimeSpan Round = TimeSpan.FromMinutes(2);

    private static readonly int[] Known = [101, 200, 201, 204, 400, 403, 404, 415, 429, 502, 503, 504];

    private readonly ConcurrentDictionary<int, int> _statuses = new();
    private readonly ImpatientTime _time = new();

    [Fact]
    public async Task Half_an_hour_of_everything_leaves_nothing_behind()
    {
        var start = Stopwatch.GetTimestamp();
        await using var regions = await Regions.StartAsync(2, MakeImpatient, _time, TimeProvider.System);
        var held = new List<Held>();
        for (var round = 0; round < Rounds; round++)
        {
            await PassAsync(regions, round);
            _time.Advance(Round);
            held.Add(Held.By(regions.Gateway));
            regions.Gateway.BeginTest(); // the captured log is the test's own
        }

        var (early, late) = (Held.Most(held[Settled..^Settled]), Held.Most(held[^Settled..]));
        Report.Add(FormattableString.Invariant(
            $"Soak: {(Rounds * Round).TotalMinutes} minutes in {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s; answers {string.Join(", ", _statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} × {pair.Key}"))}; held at most in rounds {Settled + 1} to {Rounds - Settled} of {Rounds}: {early}; later: {late}"));
        Assert.Subset(Known.ToHashSet(), _statuses.Keys.ToHashSet());
        Assert.InRange(late.Heap, 0, early.Heap + 4 * 1024 * 1024);
        Assert.InRange(late.WorkingSet, 0, early.WorkingSet + 64L * 1024 * 1024);
        Assert.InRange(late.Handles, 0, early.Handles + 30);
        Assert.InRange(late.Partitions, 1, early.Partitions * 3 / 2);
        Assert.Equal(0, late.Sockets);
        _time.Advance(TimeSpan.FromDays(2)); // beyond every window
        await Eventually.ShouldAsync(() => Task.FromResult(Held.By(regions.Gateway).Partitions == 0));
    }

    // A service that hangs is tried often, and each time costs the test what it costs a caller.
    private static void MakeImpatient(JsonNode settings)
    {
        foreach (var route in new[] { "sessions", "calls", "sdkclientsecrets" })
            settings.Set($"ReverseProxy:Routes:{route}:Metadata:Timeout", "\"00:00:06\"");
    }

    /// <summary>One round.</summary>
    private async Task PassAsync(Regions regions, int round)
    {
        var gateway = regions.Gateway;
        gateway.Announce("Forwarding failed", "answered ", "Configuration refused", "with a body that", "is away", "not be ended", "could not be");
        var name = Regions.NamesOf(2)[round % 2];
        Break(regions.One, FaultEffect.All[2 * round % FaultEffect.All.Count], FaultOperation.Mint);
        Break(regions.Two, FaultEffect.All[((2 * round) + 1) % FaultEffect.All.Count], FaultOperation.Mint);
        Break(regions.Two, FaultEffect.All[round * 7 % FaultEffect.All.Count], FaultOperation.Calls);
        await Task.WhenAll(
            MintAsync(gateway, round),
            Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CallAsync(gateway))),
            Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConverseAsync(gateway))),
            RefuseAsync(gateway),
            LeaveAsync(gateway));
        regions.One.Faults.Clear();
        regions.Two.Faults.Clear();
        if (round % 3 == 2)
            await gateway.ReloadAsync(settings => settings.Set("Limits:sessions:Permits", "\"none\""));
        regions.Accept(name, $"{name}-of-{round}", Regions.PrimaryOf(name));
        await gateway.ReloadAsync(settings =>
        {
            settings.Set("Limits:sessions:Permits", $"{100_000 - round}");
            settings.Set($"Credentials:{name}:ApiKey:Primary", $"\"{name}-of-{round}\"");
        });
    }

    private static void Break(SimulatedAzure azure, FaultEffect effect, FaultOperation operation) => azure.Faults.Inject(new()
    {
        Effect = effect,
        Operation = operation,
        Times = 3,
        Status = effect.Takes.Contains("status") ? 503 : null,
        DelayMs = effect.Takes.Contains("delayMs") ? 50 : null,
    });

    private Task MintAsync(Gateway gateway, int round) => Task.WhenAll(Enumerable.Range(0, 5).Select(async client =>
    {
        for (var i = 0; i < 8; i++)
        {
            using var response = await gateway.MintFromAsync($"127.0.{1 + ((round + i) % Settled)}.{1 + client}", i % 2 == 0 ? "/sessions" : "/openai/v1/realtime/client_secrets");
            See((int)response.StatusCode);
        }
    }));

    private async Task CallAsync(Gateway gateway)
    {
        using var response = await gateway.CallAsync();
        See((int)response.StatusCode);
        if (response.Headers.Location is { } call)
            See(await gateway.HangUpAsync(call.OriginalString).StatusAsync());
    }

    private async Task ConverseAsync(Gateway gateway)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = "/realtime" }.Uri, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException) when ((int)socket.HttpStatusCode > 0)
        {
            See((int)socket.HttpStatusCode);
            return;
        }

        await using var caller = new Peer(socket);
        await caller.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        while ((string?)(await caller.ReceiveAsync())["type"] != "input_audio_buffer.cleared")
        {
        }

        await caller.CloseAsync(1000);
        await caller.ReceiveCloseAsync();
        See(101);
    }

    private async Task RefuseAsync(Gateway gateway)
    {
        foreach (var (body, path) in new[] { ("{", "/sessions"), ("""{"prompt":"mine"}""", "/sessions"), ("{}", "/nowhere"), ("{}", "/calls"), ("{}", "/sessions?profile=nobodys"), ("{}", "/telemetry/webrtc") })
        {
            using var response = await gateway.MintAsync(body, path);
            See((int)response.StatusCode);
        }
    }

    /// <summary>Callers that do not wait for their answer.</summary>
    private static async Task LeaveAsync(Gateway gateway)
    {
        for (var i = 0; i < 3; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(2 * i));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                using var _ = await gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), patience.Token);
                throw new OperationCanceledException(); // it was faster
            });
        }
    }

    private void See(int status) => _statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);

    /// <summary>What the process holds on to: bytes, bytes, file handles and sockets of the system, open WebSockets, partitions of limits.</summary>
    private sealed record Held(long Heap, long WorkingSet, int Handles, long Sockets, int Partitions)
    {
        public static Held By(Gateway gateway)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return new(
                GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet, Directory.GetFileSystemEntries("/proc/self/fd").Length,
                gateway.Services.GetRequiredService<OpenSockets>().Count, gateway.Services.GetRequiredService<LocalLimits>().Partitions);
        }

        public static Held Most(List<Held> held) => new(
            held.Max(one => one.Heap), held.Max(one => one.WorkingSet), held.Max(one => one.Handles), held[^1].Sockets, held.Max(one => one.Partitions));

        public override string ToString() => FormattableString.Invariant(
            $"heap {Heap / 1048576.0:f1} MiB, working set {WorkingSet / 1048576} MiB, {Handles} handles, {Sockets} sockets, {Partitions} partitions");
    }
}
