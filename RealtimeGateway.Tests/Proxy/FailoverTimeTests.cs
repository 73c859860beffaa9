using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>How the time of a request is shared out among its attempts.</summary>
public sealed class FailoverTimeTests
{
    private static readonly Fault Hang = new() { Effect = FaultEffect.Hang, Operation = FaultOperation.Mint };
    private static readonly Fault Delay = new() { Effect = FaultEffect.Delay, Operation = FaultOperation.Mint, DelayMs = 400 };

    [Fact]
    public async Task The_budget_bounds_all_attempts_together()
    {
        await using var regions = await Regions.StartAsync(2, settings => Give(settings, budget: "00:00:04", attempt: "00:00:01"));
        regions.One.Faults.Inject(Hang);
        regions.Two.Faults.Inject(Hang);
        regions.Gateway.Announce("Forwarding failed: timeout");

        using var response = await regions.Gateway.MintAsync();

        await response.ShouldFailAsync(504, "upstream_timeout");
        Assert.Equal([1, 1], regions.Mints);
    }

    [Fact]
    public async Task When_the_budget_is_gone_no_other_destination_is_tried_or_blamed()
    {
        await using var regions = await Regions.StartAsync(2, settings =>
        {
            Regions.Describe(settings, "two", "Priority", "1");
            Give(settings, budget: "00:00:01", attempt: "00:10:00");
        });
        regions.One.Faults.Inject(Hang);
        regions.Gateway.Announce("Forwarding failed: timeout at destination one");

        using var response = await regions.Gateway.MintAsync();

        await response.ShouldFailAsync(504, "upstream_timeout");
        Assert.Equal([1, 0], regions.Mints);
    }

    [Fact]
    public async Task The_last_attempt_has_all_the_time_that_is_left()
    {
        await using var regions = await Regions.StartAsync(
            1, settings => Give(settings, budget: "00:00:15", attempt: "00:00:00.050"), azureTime: TimeProvider.System);
        regions.One.Faults.Inject(Delay);

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
    }

    [Fact]
    public async Task An_attempt_that_is_the_last_one_allowed_has_it_too()
    {
        await using var regions = await Regions.StartAsync(
            2,
            settings =>
            {
                settings.Set("ReverseProxy:Routes:sessions:Metadata:Attempts", "\"1\"");
                Give(settings, budget: "00:00:15", attempt: "00:00:00.050");
            },
            azureTime: TimeProvider.System);
        regions.One.Faults.Inject(Delay);
        regions.Two.Faults.Inject(Delay);

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
    }

    [Fact]
    public async Task An_attempt_after_which_only_those_are_left_that_asked_for_quiet_has_it_too()
    {
        await using var regions = await Regions.StartAsync(
            2,
            settings =>
            {
                Regions.Describe(settings, "two", "Priority", "1");
                Give(settings, budget: "00:00:15", attempt: "00:00:01");
            },
            azureTime: TimeProvider.System);
        regions.One.AnswersAlways(429, retryAfterMs: 600_000);
        regions.Gateway.Announce("answered 429");
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        regions.Two.Faults.Inject(Delay with { DelayMs = 1500 });

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([1, 2], regions.Mints);
    }

    private static void Give(JsonNode settings, string budget, string attempt)
    {
        settings.Set("ReverseProxy:Routes:sessions:Metadata:Timeout", $"\"{budget}\"");
        settings.Set("ReverseProxy:Routes:sessions:Metadata:AttemptTimeout", $"\"{attempt}\"");
    }
}
