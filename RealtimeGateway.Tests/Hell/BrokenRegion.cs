using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Hell;

/// <summary>A gateway with little patience before a simulated resource that breaks in one way after another.</summary>
internal sealed class BrokenRegion : IAsyncDisposable
{
    /// <summary>What a route has in all, and what a busy machine needs besides. Ending a call has ten seconds, which a hasty clock makes one.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);

    private readonly ShiftingTime _shifting = new();
    private readonly Way _way;

    private BrokenRegion(Way way) => _way = way;

    public Gateway Gateway { get; private set; } = null!;

    public SimulatedAzure Azure { get; private set; } = null!;

    public static async Task<BrokenRegion> StartAsync(Way way)
    {
        var region = new BrokenRegion(way) { Azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true }, TimeProvider.System) };
        var variables = new Dictionary<string, string?> { ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key, ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime" };
        region.Gateway = Gateway.StartWith(
            region.Azure.Url,
            variables,
            settings =>
            {
                foreach (var route in new[] { "sessions", "calls", "sdkclientsecrets", "realtime" })
                    settings.Set($"ReverseProxy:Routes:{route}:Metadata:Timeout", $"\"{(way.Operation is FaultOperation.Hangup ? TimeSpan.FromSeconds(20) : Budget)}\"");
            },
            services => services.AddSingleton<TimeProvider>(way.Operation is FaultOperation.Hangup ? new HastyTime() : region._shifting));
        region.Gateway.Announce(""); // each fault warns in its own words
        return region;
    }

    /// <summary>What the gateway answers while this is wrong. Then the service is well again, and so is everything.</summary>
    public async Task<string> SufferAsync(Fault fault)
    {
        Azure.Faults.Inject(fault);
        var begin = Stopwatch.GetTimestamp();
        var outcome = await _way.GoAsync(Gateway);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, Budget + Slack);
        Azure.Faults.Clear();

        _shifting.Advance(TimeSpan.FromHours(2)); // whatever quiet the service has asked for is over
        await AssertNothingIsLeftAsync(outcome, fault);
        Assert.Equal(_way.Success, await _way.GoAsync(Gateway));
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        // First the service: a gateway that ends would wait for the answers to offers that hang.
        await Azure.DisposeAsync();
        await Gateway.DisposeAsync();
    }

    /// <summary>No socket is open, and no call goes on that the caller does not know of, unless the service gave no id or did not end it.</summary>
    private async Task AssertNothingIsLeftAsync(string outcome, Fault fault)
    {
        await Eventually.ShouldAsync(() => Gateway.Services.GetRequiredService<OpenSockets>().Count == 0);
        if (_way.Operation is FaultOperation.Calls && !Loses(fault))
            await Eventually.ShouldAsync(async () => (await Azure.CallsAsync()).All(call => (string?)call["state"] != "live"));
        Assert.DoesNotContain("internal_error", outcome, StringComparison.Ordinal);
    }

    private static bool Loses(Fault fault) => fault.Effect == FaultEffect.MissingId || fault.Beneath is { } beneath && Loses(beneath);
}
