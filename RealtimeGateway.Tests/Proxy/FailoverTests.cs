using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using RealtimeGateway.Proxy;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>A gateway before two or three simulated resources, the first of which is in trouble.</summary>
public sealed class FailoverTests
{
    public static TheoryData<string, Fault> Troubles => new()
    {
        { "answered 429", Status(429, retryAfterMs: 60_000) },
        { "answered 429", Status(429) },
        { "answered 500", Status(500) },
        { "answered 503", Status(503) },
        { "answered 408", Status(408) },
        { "answered 401", Status(401) },
        { "answered 403", Status(403) },
        { "answered 404 (DeploymentNotFound)", Status(404) },
        { "answered 431", Status(431) },
        { "answered 307", Status(307) },
        { "Forwarding failed: reset", With(FaultEffect.Reset) },
        { "Forwarding failed: timeout", With(FaultEffect.Hang) },
        { "Forwarding failed: timeout", With(FaultEffect.HangMidBody) },
        { "with a body that is no session", With(FaultEffect.ResetMidBody) },
        { "with a body that is no session", With(FaultEffect.Truncated) },
        { "with a body that is no session", With(FaultEffect.CutJson) },
        { "with a body that is no session", With(FaultEffect.Html) },
        { "with a body that is no session", With(FaultEffect.Empty) },
        { "with a body that is no session", With(FaultEffect.Garbage) },
        { "with a body that is no session", With(FaultEffect.Oversized) },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task A_mint_that_one_destination_fails_is_done_by_the_next(string logged, Fault trouble)
    {
        await using var regions = await Regions.StartAsync(2, settings =>
        {
            Prefer(settings, "one");
            if (trouble.Effect == FaultEffect.Hang || trouble.Effect == FaultEffect.HangMidBody) // a busy machine may take as long for the others
                settings.Set("ReverseProxy:Routes:sessions:Metadata:AttemptTimeout", "\"00:00:01\"");
        });
        regions.One.Faults.Inject(trouble);
        regions.Gateway.Announce(logged);

        using var response = await regions.Gateway.MintAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([1, 1], regions.Mints);
        Assert.Contains(logged, regions.Gateway.Logs.GetSnapshot().Select(record => record.Message).Aggregate(string.Concat), StringComparison.Ordinal);
        // What follows the mint goes to where it was minted.
        Assert.StartsWith(regions.Two.Url, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["webrtc_url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_nobody_listens_at_costs_nothing_but_the_try()
    {
        await using var regions = await Regions.StartAsync(1, settings =>
        {
            Regions.AddDestination(settings, "dead", FreeAddress.Next());
            Regions.Describe(settings, "one", "Priority", "1");
        });
        regions.Gateway.Announce("Forwarding failed: connect at destination dead");

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
    }

    [Fact]
    public async Task What_the_caller_did_wrong_is_not_tried_elsewhere_and_does_not_hurt_the_destination()
    {
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"));
        regions.One.AnswersAlways(400);
        regions.Gateway.Announce("answered 400");

        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.BadRequest, await regions.MintAsync());

        Assert.Equal([5, 0], regions.Mints);
        Assert.All(regions.Gateway.Snapshot().Destinations.All, destination => Assert.Equal("healthy", destination.Report().State));
    }

    [Fact]
    public async Task A_destination_that_asked_for_quiet_is_not_asked_before_its_time()
    {
        var time = new ShiftingTime();
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"), time);
        regions.One.Faults.Inject(Status(429, retryAfterMs: 60_000, times: 1));
        regions.Gateway.Announce("answered 429");

        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([1, 5], regions.Mints);

        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([2, 5], regions.Mints);
    }

    [Fact]
    public async Task When_all_are_throttled_the_caller_learns_the_shortest_wait_and_nobody_is_asked()
    {
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"));
        regions.One.AnswersAlways(429, retryAfterMs: 40_000);
        regions.Two.AnswersAlways(429, retryAfterMs: 90_000); // the last word is not the shortest
        regions.Gateway.Announce("answered 429");

        using var first = await regions.Gateway.MintAsync();
        using var second = await regions.Gateway.MintAsync();

        await first.ShouldFailAsync(429, "upstream_rate_limited");
        await second.ShouldFailAsync(429, "upstream_rate_limited");
        Assert.InRange(first.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 30, 40);
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 30, 40);
        Assert.Equal([1, 1], regions.Mints);
    }

    [Fact]
    public async Task The_last_true_answer_is_the_callers_when_nothing_is_left()
    {
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"));
        regions.One.AnswersAlways(429, retryAfterMs: 60_000);
        regions.Two.AnswersAlways(503);
        regions.Gateway.Announce("answered");

        using var response = await regions.Gateway.MintAsync();

        await response.ShouldFailAsync(502, "upstream_unavailable");
    }

    [Fact]
    public async Task The_only_destination_is_asked_however_often_it_failed()
    {
        await using var regions = await Regions.StartAsync(1);
        regions.One.AnswersAlways(503);
        regions.Gateway.Announce("answered 503");

        for (var i = 0; i < 6; i++)
            Assert.Equal(HttpStatusCode.BadGateway, await regions.MintAsync());
        regions.One.Faults.Clear();

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([7], regions.Mints);
    }

    [Fact]
    public async Task A_failing_destination_is_left_alone_and_tried_again_after_its_break()
    {
        var time = new ShiftingTime();
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"), time);
        regions.One.Faults.Inject(With(FaultEffect.Reset));
        regions.Gateway.Announce("Forwarding failed");
        for (var i = 0; i < 8; i++)
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([3, 8], regions.Mints);

        regions.One.Faults.Clear();
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([4, 8], regions.Mints);
        Assert.Contains("Destination one is well again", regions.Gateway.Logs.GetSnapshot().Select(record => record.Message));
    }

    [Fact]
    public async Task A_probe_that_fails_is_followed_by_another()
    {
        var time = new ShiftingTime();
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"), time);
        regions.One.AnswersAlways(503);
        regions.Gateway.Announce("answered 503");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([3, 4], regions.Mints);

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([4, 5], regions.Mints);
        regions.One.Faults.Clear();
        time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([5, 5], regions.Mints);
    }

    [Fact]
    public async Task Spill_over_is_not_probed_while_the_reserved_capacity_is_well()
    {
        var time = new ShiftingTime();
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"), time);
        var two = regions.Gateway.Snapshot().Destinations.All.Single(destination => destination.Name == "two");
        two.Health.Failed(UpstreamFailure.NoToken, two.Credential, two.Circuit);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("probing", two.Report().State);

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        Assert.Equal([1, 0], regions.Mints);
    }

    [Fact]
    public async Task Of_those_that_are_out_the_reserved_capacity_is_asked_first_too()
    {
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"));
        for (var i = 0; i < 10; i++)
        {
            foreach (var destination in regions.Gateway.Snapshot().Destinations.All)
                destination.Health.Failed(UpstreamFailure.NoToken, destination.Credential, destination.Circuit);
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        }

        Assert.Equal([10, 0], regions.Mints);
    }

    [Theory]
    [InlineData(401, "401")]
    [InlineData(403, "AuthenticationTypeDisabled")]
    [InlineData(404, "DeploymentNotFound")]
    public async Task A_fault_of_our_own_is_an_error_that_names_destination_and_cause(int status, string cause)
    {
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"));
        regions.One.AnswersAlways(status);
        regions.Gateway.Announce($"answered {status}");

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        Assert.Equal([1, 2], regions.Mints);
        var line = Assert.Single(regions.Gateway.Logs.GetSnapshot(), record => record.Message.StartsWith("Destination one is out until ", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.EndsWith($": {cause}", line.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)] // the good one is asked when the other is out
    [InlineData(0)] // they share the requests
    public async Task A_destination_that_refuses_every_key_does_not_take_a_good_one_from_those_that_share_it(int priority)
    {
        var time = new ShiftingTime();
        await using var regions = await Regions.StartAsync(2, settings =>
        {
            Regions.Describe(settings, "one", "Credential", "two");
            Regions.Describe(settings, "two", "Priority", $"{priority}");
            settings.Set("Credentials:two:ApiKey:Secondary", "\"stale\"");
        }, time);
        regions.Gateway.Announce("answered 401", "Destination one is out");
        regions.Accept("two", Regions.PrimaryOf("two"));

        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 10; i++)
                Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
            time.Advance(TimeSpan.FromMinutes(1)); // the other one is tried again
        }

        Assert.True(regions.Mints[0] > 0, "The other one was asked.");
        Assert.DoesNotContain(regions.Gateway.Logs.GetSnapshot(), line => line.Message.Contains("Destination two is out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_resource_that_is_down_says_nothing_of_a_key_that_was_refused()
    {
        await using var regions = await Regions.StartAsync(1, settings => settings.Set("Credentials:one:ApiKey:Secondary", $"\"{Regions.SecondaryOf("one")}\""));
        regions.One.Faults.Inject(Status(401, times: 2));
        regions.One.Faults.Inject(Status(500, times: 1));
        regions.Gateway.Announce("answered 401", "answered 500");
        var credential = regions.Gateway.OnlyDestination().Credential!;

        Assert.Equal(HttpStatusCode.BadGateway, await regions.MintAsync());
        Assert.Equal(HttpStatusCode.BadGateway, await regions.MintAsync());
        var whileDown = credential.Report().State;
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        Assert.Equal("refused", whileDown);
        Assert.NotEqual("refused", credential.Report().State);
    }

    [Fact]
    public async Task Attempts_bound_how_many_are_tried()
    {
        await using var regions = await Regions.StartAsync(3, settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:Attempts", "\"2\""));
        foreach (var azure in new[] { regions.One, regions.Two, regions.Three })
            azure.AnswersAlways(500);
        regions.Gateway.Announce("answered 500");

        Assert.Equal(HttpStatusCode.BadGateway, await regions.MintAsync());

        Assert.Equal(2, regions.Mints.Sum());
    }

    [Fact]
    public async Task Statuses_bound_what_is_tried_again()
    {
        await using var regions = await Regions.StartAsync(2, settings =>
        {
            Prefer(settings, "one");
            settings.Set("ReverseProxy:Routes:sessions:Metadata:FailoverOn", "\"429;503\"");
        });
        regions.One.Faults.Inject(Status(500, times: 1));
        regions.One.Faults.Inject(Status(503, times: 1));
        regions.Gateway.Announce("answered 50");

        Assert.Equal(HttpStatusCode.BadGateway, await regions.MintAsync());
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
    }

    [Fact]
    public async Task The_reserved_capacity_is_used_first_and_the_rest_shares_by_weight()
    {
        await using var regions = await Regions.StartAsync(3, settings =>
        {
            Regions.Describe(settings, "two", "Priority", "1");
            Regions.Describe(settings, "three", "Priority", "1");
            Regions.Describe(settings, "three", "Weight", "9");
        });
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());
        Assert.Equal([10, 0, 0], regions.Mints);

        regions.One.AnswersAlways(429, retryAfterMs: 600_000);
        regions.Gateway.Announce("answered 429");
        for (var i = 0; i < 200; i++)
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        Assert.Equal(11, regions.Mints[0]);
        Assert.InRange(regions.Mints[1], 3, 60); // 20 are expected; 60 are eight standard deviations away
    }

    [Fact]
    public async Task A_model_goes_only_where_it_is_served()
    {
        await using var regions = await Regions.StartAsync(2, settings =>
        {
            settings.Set("Realtime:Profiles:assistant:Models", """[ "large", "small" ]""");
            Regions.Describe(settings, "one", "Model", "large");
            Regions.Describe(settings, "two", "Model", "small");
            Regions.Describe(settings, "two", "Deployment", "gpt-realtime-mini");
        });

        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.OK, await regions.MintAsync("""{"model":"small"}"""));
        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        Assert.Equal([1, 4], regions.Mints);
    }

    [Fact]
    public async Task A_deployment_of_a_model_that_the_profile_does_not_allow_cannot_be_asked_for()
    {
        await using var regions = await Regions.StartAsync(2, settings =>
        {
            Regions.Describe(settings, "one", "Model", "gpt-realtime");
            Regions.Describe(settings, "two", "Model", "expensive");
            Regions.Describe(settings, "two", "Deployment", "gpt-realtime-mini");
        });

        using var response = await regions.Gateway.MintAsync("""{"model":"gpt-realtime-mini"}""");

        await response.ShouldFailAsync(400, "invalid_value", "model");
    }

    [Fact]
    public async Task Health_survives_a_reload_and_a_new_key_forgives()
    {
        await using var regions = await Regions.StartAsync(2, settings => Prefer(settings, "one"));
        regions.One.AnswersAlways(429, retryAfterMs: 600_000);
        regions.Two.AnswersAlways(403);
        regions.Gateway.Announce("answered");
        Assert.Equal(HttpStatusCode.BadGateway, await regions.MintAsync());
        var states = StatesOf(regions);

        await regions.Gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));
        var afterReload = StatesOf(regions);
        await regions.Gateway.ReloadAsync(settings => settings.Set("Credentials:two:ApiKey:Primary", $"\"{Regions.SecondaryOf("two")}\""));

        Assert.Equal(["throttled", "misconfigured"], states);
        Assert.Equal(states, afterReload);
        Assert.Equal(["throttled", "healthy"], StatesOf(regions));
    }

    [Theory]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:Attempts", "0", "must be a whole number from 1 to 10")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:AttemptTimeout", "later", "must be a time span up to 01:00:00")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:FailoverOn", "200", "must be statuses such as 429 or 5xx")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:FailoverBody", "-1", "must be a whole number from 0 to 1048576")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Metadata:CircuitFailures", "0", "must be a whole number from 1 to 100")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Metadata:CircuitBreak", "-00:00:01", "must be a time span up to 00:10:00")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Metadata:ConnectTimeout", "1", "must be a time span up to 00:01:00")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Metadata:CertificateAuthority", "no-such.pem", "must name a readable PEM file")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Metadata:Unknown", "1", "is not a known key")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Destinations:one:Metadata:Priority", "first", "must be a whole number from 0 to 100")]
    [InlineData("ReverseProxy:Clusters:azureopenai:Destinations:one:Metadata:Weight", "0", "must be a whole number from 1 to 1000")]
    public void A_setting_that_cannot_be_is_named(string key, string value, string rule)
    {
        var refusal = Gateway.RefusalToStart(Gateway.Generous, settings =>
        {
            Regions.AddDestination(settings, "one", "https://one.example");
            settings.Set(key, $"\"{value}\"");
        });

        Assert.Contains(rule, refusal, StringComparison.Ordinal);
        Assert.Contains(key, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_another_policy_would_ignore_is_named()
    {
        var refusal = Gateway.RefusalToStart(Gateway.Generous, settings =>
        {
            Regions.AddDestination(settings, "one", "https://one.example");
            Regions.Describe(settings, "one", "Weight", "5");
            settings.Set("ReverseProxy:Clusters:azureopenai:LoadBalancingPolicy", "\"RoundRobin\"");
        });

        Assert.Contains("Metadata:Weight = \"5\": counts only without LoadBalancingPolicy, which is RoundRobin", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_nobody_serves_is_named()
    {
        var refusal = Gateway.RefusalToStart(Gateway.Generous, settings =>
        {
            Regions.AddDestination(settings, "one", "https://one.example");
            Regions.Describe(settings, "one", "Model", "large");
            settings.Set("Realtime:Profiles:assistant:Models", """[ "large", "small" ]""");
        });

        Assert.Contains("ReverseProxy:Routes:sessions: SessionProfile \"assistant\" allows model small, which no destination of the cluster serves", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("model large", refusal, StringComparison.Ordinal);
    }

    private static Fault Status(int status, int? retryAfterMs = null, int? times = null) =>
        new() { Effect = FaultEffect.Status, Operation = FaultOperation.Mint, Status = status, RetryAfterMs = retryAfterMs, Times = times };

    private static Fault With(FaultEffect effect) => new() { Effect = effect, Operation = FaultOperation.Mint };

    private static void Prefer(JsonNode settings, string name)
    {
        foreach (var (other, _) in settings["ReverseProxy"]!["Clusters"]!["azureopenai"]!["Destinations"]!.AsObject().Where(pair => pair.Key != name).ToArray())
            Regions.Describe(settings, other, "Priority", "1");
    }

    private static string[] StatesOf(Regions regions) =>
        [.. regions.Gateway.Snapshot().Destinations.All.OrderBy(destination => destination.Name, StringComparer.Ordinal).Select(destination => destination.Report().State)];
}
