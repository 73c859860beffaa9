using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>Meters are heard across the whole process, so that exact counts need a process without other gateways.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class MetricsTests : IAsyncDisposable
{
    private readonly Azure _azure = new();
    private readonly Gateway _gateway;

    private readonly ShiftingTime _time = new();

    public MetricsTests() => _gateway = Gateway.StartWith(_azure.Url, services: services => services.AddSingleton<TimeProvider>(_time));

    [Fact]
    public async Task Prometheus_reads_what_was_minted_refused_and_waited_for()
    {
        _azure.Mints();
        using var minted = await _gateway.MintAsync();
        using var again = await _gateway.MintAsync();
        using var refused = await _gateway.MintAsync("{");
        await _gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));
        var loaded = _gateway.Snapshot().LoadedAt.ToUnixTimeSeconds();
        _time.Advance(TimeSpan.FromHours(1));
        _gateway.Announce("refused");
        await _gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"robot\""));
        using var lost = await _gateway.Http.GetAsync("/nowhere", TestContext.Current.CancellationToken);

        var metrics = await ScrapeAsync();

        Assert.Contains("""realtime_gateway_sessions_total{destination="default",outcome="ok",profile="assistant",route="sessions"} 2""", metrics);
        Assert.Contains("""realtime_gateway_rejections_total{reason="caller_invalid_json"} 1""", metrics);
        Assert.Contains("""realtime_gateway_rejections_total{reason="caller_not_found"} 1""", metrics);
        Assert.Contains("""realtime_gateway_upstream_duration_seconds_count{destination="default",operation="sessions",outcome="ok"} 2""", metrics);
        Assert.Contains("""realtime_gateway_upstream_attempts_count{route="sessions"} 2""", metrics);
        Assert.Contains("""realtime_gateway_overhead_duration_seconds_count{route="sessions"} 3""", metrics);
        Assert.Contains("""realtime_gateway_limits_decisions_total{decision="admitted",rule="sessions"} 3""", metrics);
        Assert.Contains("""realtime_gateway_limits_store_state{state="local"} 1""", metrics);
        Assert.Contains("""realtime_gateway_config_state{state="accepted"} 0""", metrics);
        Assert.Contains("""realtime_gateway_config_state{state="rejected"} 1""", metrics);
        Assert.Contains("""realtime_gateway_config_reloads_total{outcome="accepted"} 1""", metrics);
        Assert.Contains("""realtime_gateway_config_reloads_total{outcome="rejected"} 1""", metrics);
        Assert.InRange(long.Parse(Assert.Single(metrics, line => line.StartsWith("realtime_gateway_config_last_success_seconds", StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture), loaded, loaded + 5);
    }

    [Fact]
    public async Task Refusals_are_counted_by_rule_and_the_state_of_Redis_is_shown()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = Gateway.StartWith(
            _azure.Url, new Dictionary<string, string?> { ["Redis:Connection"] = redis.Connection, ["Redis:Timeout"] = "00:00:05", ["Limits:sessionsperday:Permits"] = "1" });
        _azure.Mints();
        using var minted = await gateway.MintAsync();
        using var refused = await gateway.MintAsync();
        var up = await gateway.ScrapeAsync();
        gateway.Announce("Redis is away");
        await redis.VanishAsync();
        await gateway.WhenLoggedAsync("Redis is away");

        Assert.Contains("""realtime_gateway_limits_decisions_total{decision="refused",rule="sessionsperday"} 1""", up);
        Assert.Contains("""realtime_gateway_rejections_total{reason="policy_rate_limit_exceeded"} 1""", up);
        Assert.Contains("""realtime_gateway_limits_store_state{state="redis"} 1""", up);
        // The exporter answers from its cache for a moment.
        await Eventually.ShouldAsync(async () => (await gateway.ScrapeAsync()).Contains("""realtime_gateway_limits_store_state{state="away"} 1"""));
    }

    [Fact]
    public async Task What_is_refused_before_it_is_a_session_is_a_rejection_alone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = Gateway.StartWith(
            _azure.Url, new Dictionary<string, string?> { ["Redis:Connection"] = redis.Connection, ["Redis:Timeout"] = "00:00:05", ["Limits:sessions:WithoutRedis"] = "closed" });
        gateway.Announce("Redis is away");
        await redis.VanishAsync();
        await gateway.WhenLoggedAsync("Redis is away");
        using var closed = await gateway.MintAsync();

        await gateway.ShowsAsync("""realtime_gateway_rejections_total{reason="gateway_limits_unavailable"} 1""");
        Assert.DoesNotContain(await gateway.ScrapeAsync(), line => line.StartsWith("realtime_gateway_sessions_total", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http_server_request_duration_seconds_count")]
    [InlineData("http_client_request_duration_seconds_count")]
    [InlineData("kestrel_active_connections")]
    [InlineData("dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("yarp_forwarder_requests_started_total")]
    public async Task The_frameworks_own_instruments_are_there_too(string name)
    {
        _azure.Mints();
        using var minted = await _gateway.MintAsync();

        // YARP's are read once a second.
        await Eventually.ShouldAsync(async () => (await ScrapeAsync()).Any(line => line.StartsWith(name, StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal)));
    }

    // 64 make a batch.
    [Fact]
    public async Task What_waits_for_its_batch_is_counted_too()
    {
        await using var gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Limits:sessions:Permits"] = "1000", ["Limits:sessionsatonce:Permits"] = "1000" });
        _azure.Mints();
        for (var i = 0; i < 70; i++)
        {
            using var minted = await gateway.MintAsync();
            Assert.Equal(200, (int)minted.StatusCode);
        }

        var metrics = await gateway.ScrapeAsync();

        Assert.All(
            ["realtime_gateway_sessions_total", "realtime_gateway_upstream_duration_seconds_count", "realtime_gateway_upstream_attempts_count", "realtime_gateway_overhead_duration_seconds_count", "http_server_request_duration_seconds_count"],
            name => Assert.EndsWith("} 70", Assert.Single(metrics, line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && !line.Contains("/metrics", StringComparison.Ordinal)), StringComparison.Ordinal));
        Assert.All(
            metrics.Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).CountBy(line => line), type => Assert.Equal(1, type.Value));
    }

    [Fact]
    public async Task A_caller_that_leaves_is_counted_once_and_answered_with_nothing()
    {
        var arrived = new TaskCompletionSource();
        await using var upstream = await ScriptedUpstream.StartAsync(async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var gateway = Gateway.StartWith(upstream.Url);
        using var leave = new CancellationTokenSource();
        var mint = gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), leave.Token);
        await arrived.Task;

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mint);

        await gateway.WhenLoggedAsync("The caller left");
        var metrics = await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("reason=\"caller_gone\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("caller_invalid_request", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_label_says_where_the_upstream_is()
    {
        await using var gateway = Gateway.StartWith("https://secret-resource.invalid");
        gateway.Announce("Forwarding failed");
        using var failed = await gateway.MintAsync();
        await failed.ShouldFailAsync(502, "upstream_unavailable");

        var metrics = await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Contains("http_client_", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-resource", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Deployment, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Key, metrics, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private Task<string[]> ScrapeAsync() => _gateway.ScrapeAsync();
}
