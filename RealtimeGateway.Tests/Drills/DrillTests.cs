using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Configuration;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Credentials;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Drills;

/// <summary>
/// What happens on a bad day, to three simulated resources under a steady load of mints. As long as one resource and one key are good no mint fails, none
/// takes longer than the route's budget, a resource that asked for quiet has it, and the metrics say what happened.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DrillTests
{
    private const int Some = 150;

    /// <summary>The route's budget, and what a busy machine needs to hand an answer over.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    /// <summary>An attempt's time where no resource hangs; a busy machine may stand still for a second.</summary>
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task One_resource_dies_and_comes_back()
    {
        await using var regions = await StartAsync();
        regions.Gateway.Announce("Forwarding failed");
        await using var load = await Load.StartAsync(regions.Gateway);

        await regions.KillAsync(0);
        await load.GoOnAsync(Some);
        var down = await MetricsAsync(regions, "realtime_gateway_destination_state", "destination=\"one\"", "state=\"healthy\"");
        await regions.ReviveAsync(0);
        await regions.Gateway.WhenLoggedAsync("Destination one is well again");
        await load.GoOnAsync(Some);

        await EndAsync(regions, load, "one resource died and came back");
        Assert.Equal(0, down);
        Assert.True(regions.Mints[0] > 0, "the resource that came back is used again");
        Assert.True(await MetricsAsync(regions, "realtime_gateway_upstream_duration_seconds_count", "destination=\"one\"", "outcome=\"upstream_unavailable\"") >= 3);
        Assert.Equal(1, await MetricsAsync(regions, "realtime_gateway_destination_state", "destination=\"one\"", "state=\"healthy\""));
    }

    [Fact]
    public async Task Two_resources_throttle_each_for_its_own_time()
    {
        await using var regions = await StartAsync();
        regions.Gateway.Announce("answered 429");
        await using var load = await Load.StartAsync(regions.Gateway);

        regions.One.AnswersAlways(429, retryAfterMs: 600_000);
        regions.Two.Faults.Inject(new() { Effect = FaultEffect.Status, Operation = FaultOperation.Mint, Status = 429, RetryAfter = 900 });
        await regions.Gateway.WhenLoggedAsync("Destination one is out");
        await regions.Gateway.WhenLoggedAsync("Destination two is out");
        var before = regions.Mints;
        await load.GoOnAsync(Some);

        await EndAsync(regions, load, "two resources throttled");
        // Only what was on its way when the resource asked for quiet may have come after it.
        Assert.InRange(Refusals(regions, 0), 1, Load.Clients);
        Assert.InRange(Refusals(regions, 1), 1, Load.Clients);
        Assert.InRange(regions.Mints[0] - before[0], 0, Load.Clients);
        Assert.Equal(1, await MetricsAsync(regions, "realtime_gateway_destination_state", "destination=\"one\"", "state=\"throttled\""));
        Assert.Equal(Refusals(regions, 0), await MetricsAsync(regions, "realtime_gateway_upstream_duration_seconds_count", "destination=\"one\"", "outcome=\"upstream_rate_limited\""));
    }

    [Fact]
    public async Task One_resource_hangs()
    {
        await using var regions = await StartAsync(attempt: TimeSpan.FromSeconds(1));
        regions.Gateway.Announce("Forwarding failed: timeout");
        await using var load = await Load.StartAsync(regions.Gateway);

        regions.One.Faults.Inject(new() { Effect = FaultEffect.Hang, Operation = FaultOperation.Mint });
        await regions.Gateway.WhenLoggedAsync("Destination one is out");
        await load.GoOnAsync(Some);

        await EndAsync(regions, load, "one resource hung");
        var scrape = await regions.Gateway.ScrapeAnewAsync(); // one, since a probe may begin at any moment
        Assert.Equal(1, Sum(scrape, "realtime_gateway_destination_state", "destination=\"one\"", "state=\"failing\"")
            + Sum(scrape, "realtime_gateway_destination_state", "destination=\"one\"", "state=\"probing\""));
        Assert.True(await MetricsAsync(regions, "realtime_gateway_upstream_duration_seconds_count", "destination=\"one\"", "outcome=\"upstream_timeout\"") >= 3);
    }

    [Fact]
    public async Task One_resource_answers_200_with_garbage()
    {
        await using var regions = await StartAsync();
        regions.Gateway.Announce("with a body that is no session");
        await using var load = await Load.StartAsync(regions.Gateway);

        regions.One.Faults.Inject(new() { Effect = FaultEffect.Garbage, Operation = FaultOperation.Mint });
        await regions.Gateway.WhenLoggedAsync("Destination one is out");
        await load.GoOnAsync(Some);

        await EndAsync(regions, load, "one resource answered garbage");
        Assert.True(await MetricsAsync(regions, "realtime_gateway_upstream_duration_seconds_count", "destination=\"one\"", "outcome=\"upstream_invalid_response\"") >= 3);
    }

    [Fact]
    public async Task The_primary_keys_are_revoked()
    {
        await using var regions = await StartAsync(WithSecondaries);
        regions.Gateway.Announce("answered 401");
        await using var load = await Load.StartAsync(regions.Gateway);

        foreach (var name in Regions.NamesOf(3))
        {
            regions.Accept(name, Regions.SecondaryOf(name));
            await regions.Gateway.WhenLoggedAsync($"Credential {name}: a destination answered 401 to the primary key");
        }

        await load.GoOnAsync(Some);

        await EndAsync(regions, load, "three primary keys were revoked");
        foreach (var name in Regions.NamesOf(3))
        {
            Assert.Equal(1, await MetricsAsync(regions, "realtime_gateway_credential_state", $"credential=\"{name}\"", "state=\"secondary\""));
            Assert.Equal(1, await MetricsAsync(regions, "realtime_gateway_destination_state", $"destination=\"{name}\"", "state=\"healthy\""));
        }
    }

    [Fact]
    public async Task Both_keys_of_all_resources_are_replaced_by_file()
    {
        using var volume = new SecretVolume();
        var keys = Regions.NamesOf(3).ToDictionary(name => name, name => (First: Regions.PrimaryOf(name), Second: Regions.SecondaryOf(name)));
        Write(volume, keys);
        await using var regions = await StartAsync(settings => settings.Set("Secrets:Directory", $"\"{volume.Path}\""));
        regions.Gateway.Announce("answered 401");
        await using var load = await Load.StartAsync(regions.Gateway);

        foreach (var name in Regions.NamesOf(3))
        {
            await ReplaceAsync(name, (First: $"new-first-of-{name}", keys[name].Second));
            await ReplaceAsync(name, (keys[name].First, Second: $"new-second-of-{name}"));
        }

        await EndAsync(regions, load, "six keys were replaced by file");

        async Task ReplaceAsync(string name, (string First, string Second) pair)
        {
            keys[name] = pair;
            regions.Accept(name, pair.First, pair.Second);
            await load.GoOnAsync(20);
            var version = regions.Gateway.Snapshot().Version;
            Write(volume, keys);
            await Eventually.ShouldAsync(() => regions.Gateway.Snapshot().Version != version);
            await load.GoOnAsync(20);
        }
    }

    [Fact]
    public async Task The_settings_file_is_broken_and_mended_twenty_times()
    {
        await using var regions = await StartAsync(time: new FakeTimeProvider(DateTimeOffset.UtcNow)); // the drill itself says when to look
        regions.Gateway.Announce("Configuration refused");
        var loader = regions.Gateway.Services.GetRequiredService<ConfigurationLoader>();
        await using var load = await Load.StartAsync(regions.Gateway);
        var good = regions.Gateway.ReadSettings();
        string[] bad = ["{", "", """{ "ReverseProxy": { "Routes": { } } }""", good.Replace("\"Voice\": \"marin\"", "\"Voice\": \"nobody\"", StringComparison.Ordinal)];

        for (var i = 0; i < 20; i++)
        {
            regions.Gateway.WriteSettings(bad[i % bad.Length]);
            Assert.False(await loader.TryLoadAsync());
            Assert.True(regions.Gateway.Services.GetRequiredService<LiveConfiguration>().Rejection is not null);
            await load.GoOnAsync(5);
            regions.Gateway.WriteSettings(good);
            Assert.True(await loader.TryLoadAsync());
        }

        await EndAsync(regions, load, "twenty bad files");
        Assert.True(await MetricsAsync(regions, "realtime_gateway_config_reloads_total", "outcome=\"rejected\"") >= 20);
        Assert.Null(regions.Gateway.Services.GetRequiredService<LiveConfiguration>().Rejection);
    }

    [Fact]
    public async Task Two_hundred_reloads()
    {
        await using var regions = await StartAsync(time: new FakeTimeProvider(DateTimeOffset.UtcNow));
        var loader = regions.Gateway.Services.GetRequiredService<ConfigurationLoader>();
        await using var load = await Load.StartAsync(regions.Gateway);

        for (var i = 0; i < 200; i++)
        {
            regions.Gateway.ChangeSettings(settings =>
            {
                settings.Set("Realtime:Profiles:assistant:MaxOutputTokens", (1000 + i).ToString(CultureInfo.InvariantCulture));
                Regions.Describe(settings, "two", "Weight", (1 + (i % 7)).ToString(CultureInfo.InvariantCulture));
            });
            Assert.True(await loader.TryLoadAsync());
        }

        await EndAsync(regions, load, "two hundred reloads");
        Assert.True(await MetricsAsync(regions, "realtime_gateway_config_reloads_total", "outcome=\"accepted\"") >= 200);
    }

    [Fact]
    public async Task A_mounted_file_is_turned_by_its_link()
    {
        await using var regions = await StartAsync();
        regions.Gateway.MountSettings();
        await using var load = await Load.StartAsync(regions.Gateway);

        for (var i = 0; i < 3; i++)
        {
            await regions.Gateway.TurnAsync(settings => settings.Set("Realtime:Profiles:assistant:MaxOutputTokens", (2000 + i).ToString(CultureInfo.InvariantCulture)));
            await load.GoOnAsync(20);
            Assert.Equal(2000 + i, regions.Gateway.Snapshot().Profiles["assistant"].Options.MaxOutputTokens);
        }

        await EndAsync(regions, load, "three turned links");
    }

    private static Task<Regions> StartAsync(Action<JsonNode>? change = null, TimeProvider? time = null, TimeSpan? attempt = null) => Regions.StartAsync(
        3,
        settings =>
        {
            settings.Set("ReverseProxy:Routes:sessions:Metadata:Timeout", $"\"{Budget:c}\"");
            settings.Set("ReverseProxy:Routes:sessions:Metadata:AttemptTimeout", $"\"{attempt ?? Ample:c}\"");
            settings.Set("ReverseProxy:Clusters:azureopenai:Metadata:CircuitBreak", "\"00:00:01\"");
            change?.Invoke(settings);
        },
        time,
        TimeProvider.System);

    private static void WithSecondaries(JsonNode settings)
    {
        foreach (var name in Regions.NamesOf(3))
            settings.Set($"Credentials:{name}:ApiKey:Secondary", $"\"{Regions.SecondaryOf(name)}\"");
    }

    private static void Write(SecretVolume volume, Dictionary<string, (string First, string Second)> keys) => volume.Write(
        [.. keys.SelectMany(pair => new[] { ($"Credentials__{pair.Key}__ApiKey__Primary", pair.Value.First), ($"Credentials__{pair.Key}__ApiKey__Secondary", pair.Value.Second) })]);

    private static int Refusals(Regions regions, int index) => regions.Gateway.Logs.GetSnapshot()
        .Count(record => record.Message.StartsWith($"Destination {Regions.NamesOf(3)[index]} answered 429", StringComparison.Ordinal));

    private static async Task EndAsync(Regions regions, Load load, string drill)
    {
        await load.StopAsync();
        var told = await MetricsAsync(regions, "realtime_gateway_sessions_total", "outcome=\"ok\"");
        Report.Add($"{drill}: {load.Mints} mints, {load.Failures.Count} failed, slowest {load.Slowest.TotalMilliseconds:0} ms");
        Assert.Empty(load.Failures);
        Assert.True(load.Slowest < Budget + Slack, $"the slowest mint took {load.Slowest}");
        Assert.Equal(load.Mints, told);
    }

    private static async Task<double> MetricsAsync(Regions regions, string name, params string[] labels) => Sum(await regions.Gateway.ScrapeAnewAsync(), name, labels);

    /// <summary>The sum of the lines of a metric with these labels.</summary>
    private static double Sum(string[] scrape, string name, params string[] labels) => scrape
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
}
