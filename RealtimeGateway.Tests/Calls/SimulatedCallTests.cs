using RealtimeGateway.Simulator;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Calls;

/// <summary>Calls through the gateway at a service that keeps them, as the real one does.</summary>
public sealed class SimulatedCallTests
{
    [Fact]
    public async Task A_call_lives_at_the_service_until_it_is_hung_up_and_its_secret_was_used_once()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        await using var gateway = Start(azure);

        var call = await gateway.BeginCallAsync();
        var live = Assert.Single(await azure.CallsAsync());
        Assert.Equal(("live", 1, false), ((string?)live["state"], (int)live["secretUse"]!, (bool)live["filtered"]!));

        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal("hung_up", (string?)Assert.Single(await azure.CallsAsync())["ended"]);
        Assert.DoesNotContain("rtc_" + ((string)live["id"]!)[4..], call, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_filters_the_events_of_a_profile_that_wants_it()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        await using var gateway = Start(azure);

        await gateway.BeginCallAsync(path: "/calls?profile=quiet");

        Assert.True((bool)Assert.Single(await azure.CallsAsync())["filtered"]!);
    }

    [Fact]
    public async Task The_browsers_end_is_closed_by_a_hang_up()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await using var gateway = Start(azure);
        using var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = gateway.CallAsync();
        Assert.Equal(Calling.Offer, await peer.AnswerAsync());
        using var called = await calling;
        Assert.Equal(ScriptedPeer.Answer, await called.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal(204, await gateway.HangUpAsync(called.Headers.Location!.OriginalString).StatusAsync());

        Assert.Equal("closed", (string?)(await peer.ReceiveAsync())["type"]);
    }

    [Fact]
    public async Task A_call_that_the_service_opened_too_late_for_its_caller_does_not_go_on()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        await using var gateway = Start(azure, "00:00:02");
        azure.Faults.Inject(new() { Effect = FaultEffect.Late, Operation = FaultOperation.Calls, DelayMs = 60_000 });
        gateway.Announce("Forwarding failed: timeout");

        using var response = await gateway.CallAsync();
        await response.ShouldFailAsync(504, "upstream_timeout");
        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
        azure.Time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.ShouldAsync(async () => (string?)Assert.Single(await azure.CallsAsync())["ended"] is "hung_up");
    }

    private static Gateway Start(SimulatedAzure azure, string timeout = "00:00:20") => Gateway.StartWith(
        azure.Url.TrimEnd('/'),
        new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["ReverseProxy:Routes:calls:Metadata:Timeout"] = timeout,
        },
        settings => settings.Set("Realtime:Profiles:quiet", """{ "Models": [ "gpt-realtime" ], "Voices": [ "marin" ], "EventFilter": true, "Way": "relay" }"""));
}
