using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Limits;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;
using StackExchange.Redis;

namespace RealtimeGateway.Tests.Limits;

/// <summary>Two gateways in front of one real Redis.</summary>
public sealed class RedisTests : IAsyncLifetime
{
    private const string Back = "Redis counts the limits";
    private const string Away = "Redis is away";

    private readonly Azure _azure = new();
    private readonly List<Gateway> _gateways = [];
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    [Theory]
    [InlineData("fixed_window", "rate_limit_exceeded")]
    [InlineData("sliding_window", "rate_limit_exceeded")]
    [InlineData("token_bucket", "rate_limit_exceeded")]
    [InlineData("concurrency", "too_many_calls")]
    public async Task Both_together_admit_exactly_the_limit_at_the_same_time(string kind, string code)
    {
        Start(2, ("Limits:sessions:Kind", kind), ("Limits:sessions:Permits", "25"), ("Limits:sessions:Window", "01:00:00"));

        var statuses = await LoadAsync(100);

        // A bucket gives one back every 144 seconds.
        Assert.Equal((25, 75), (statuses.Count(status => status is HttpStatusCode.OK), statuses.Count(status => status is HttpStatusCode.TooManyRequests)));
        Assert.Equal(25, _azure.Requests);
        using var refused = await _gateways[1].MintAsync();
        await refused.ShouldFailAsync(429, code);
        Assert.InRange(
            refused.Headers.RetryAfter!.Delta!.Value,
            TimeSpan.FromSeconds(kind is "token_bucket" ? 100 : 3300),
            TimeSpan.FromSeconds(kind is "token_bucket" ? 144 : kind is "sliding_window" ? 3960 : 3600));
    }

    [Fact]
    public async Task A_refused_request_takes_nothing_from_the_rules_that_agree()
    {
        Start(2, ("Limits:sessionsperday:Permits", "3"), ("Limits:sessionsatonce:Permits", "3"), ("Limits:sessionsintotal:Permits", "5"));

        Assert.Equal("200 200 200 429 429 429 429", await MintAsync("127.0.0.2", 7));
        Assert.Equal("200 200 429", await MintAsync("127.0.0.3", 3));
    }

    [Fact]
    public async Task A_mint_that_failed_is_no_call_and_a_minted_secret_is_one_on_both()
    {
        Start(2, ("Limits:sessionsatonce:Permits", "1"));
        _gateways[0].Announce("answered 500");
        _azure.Reset();
        _azure.Answers(Azure.GaPath, 500, "{}");
        for (var i = 0; i < 5; i++)
            await (await _gateways[0].MintAsync()).ShouldFailAsync(502, "upstream_unavailable");

        _azure.Reset();
        _azure.Mints();
        Assert.Equal(HttpStatusCode.OK, (await _gateways[0].MintAsync()).StatusCode);
        using var refused = await _gateways[1].MintAsync();
        await refused.ShouldFailAsync(429, "too_many_calls");
    }

    [Fact]
    public async Task Counts_survive_a_restart_and_a_closed_rule_admits_nothing_meanwhile()
    {
        Start(2, ("Limits:sessions:Permits", "40"), ("Limits:sessions:Kind", "fixed_window"), ("Limits:sessions:Window", "01:00:00"), ("Limits:sessions:WithoutRedis", "closed"));
        var before = await LoadAsync(20);
        Assert.All(before, status => Assert.Equal(HttpStatusCode.OK, status));

        await LeaveAsync();
        foreach (var gateway in _gateways)
        {
            using var closed = await gateway.MintAsync();
            await closed.ShouldFailAsync(503, "no_destination");
            Assert.Equal(TimeSpan.FromSeconds(1), closed.Headers.RetryAfter!.Delta);
        }

        await ReturnAsync();
        var after = await LoadAsync(60);

        Assert.Equal(20, after.Count(status => status is HttpStatusCode.OK));
        Assert.Equal(40, _azure.Requests);
    }

    [Fact]
    public async Task A_restart_under_load_never_admits_more_than_the_limit()
    {
        Start(2, ("Limits:sessions:Permits", "300"), ("Limits:sessions:Kind", "fixed_window"), ("Limits:sessions:Window", "01:00:00"), ("Limits:sessions:WithoutRedis", "closed"));
        Announce();
        using var stop = new CancellationTokenSource();
        var statuses = new int[2];
        var load = Enumerable.Range(0, 4).Select(async caller =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await _gateways[caller % 2].MintAsync();
                if (response.StatusCode is HttpStatusCode.OK)
                    Interlocked.Increment(ref statuses[0]);
                else if (response.StatusCode is HttpStatusCode.TooManyRequests)
                    Interlocked.Increment(ref statuses[1]);
            }
        }).ToArray();

        await Eventually.ShouldAsync(() => statuses[0] > 50);
        await _redis.VanishAsync();
        await WhenAllLoggedAsync(Away);
        await _redis.ReturnAsync();
        await Eventually.ShouldAsync(() => statuses[1] > 20);
        await stop.CancelAsync();
        await Task.WhenAll(load);

        // What Redis had counted when its answer was cut off counts, though it was not admitted: at most one for each caller.
        Assert.InRange(statuses[0], 300 - load.Length, 300);
        Assert.Equal(statuses[0], _azure.Requests);
    }

    [Fact]
    public async Task Without_Redis_a_local_rule_goes_on_in_each_process_with_one_line_and_heals()
    {
        Start(2, ("Limits:sessions:Permits", "5"), ("Limits:sessions:Kind", "fixed_window"), ("Limits:sessions:Window", "01:00:00"));
        Assert.Equal(3, (await LoadAsync(3)).Count(status => status is HttpStatusCode.OK));

        await LeaveAsync();
        var during = await LoadAsync(40);
        Assert.Equal(10, during.Count(status => status is HttpStatusCode.OK)); // five for each
        Assert.All(_gateways, gateway => Assert.Single(gateway.Logs.GetSnapshot(), record => record.Message.Contains(Away, StringComparison.Ordinal)));

        await ReturnAsync();
        Assert.Equal(2, (await LoadAsync(40)).Count(status => status is HttpStatusCode.OK)); // what Redis has left
    }

    [Fact]
    public async Task A_Redis_that_does_not_answer_is_left_and_comes_back()
    {
        Start(1, ("Redis:Timeout", "00:00:00.250"));
        Announce();
        await _redis.SignalAsync("STOP");
        try
        {
            Assert.All(await LoadAsync(20), status => Assert.Equal(HttpStatusCode.OK, status));
            await WhenAllLoggedAsync($"{Away} ({nameof(TimeoutException)})"); // our own patience, before the client library's
        }
        finally
        {
            _gateways[0].Logs.Clear();
            await _redis.SignalAsync("CONT");
        }

        await WhenAllLoggedAsync(Back);
        Assert.Equal(HttpStatusCode.OK, (await _gateways[0].MintAsync()).StatusCode);
    }

    [Fact]
    public async Task A_caller_that_leaves_while_it_is_asked_is_not_said_to_have_been_served()
    {
        Start(1, ("Redis:Timeout", "00:00:02"));
        Announce();
        using var leave = new CancellationTokenSource();
        await _redis.SignalAsync("STOP");
        try
        {
            var mint = _gateways[0].Http.PostAsync("/sessions", Gateway.Json("{}"), leave.Token);
            await Eventually.ShouldAsync(() => Link.Database!.Multiplexer.GetCounters().Interactive.SentItemsAwaitingResponse > 0);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mint);

            Assert.StartsWith("POST sessions 499 caller_gone: ", await _gateways[0].WhenLoggedAsync("apim-request-id "), StringComparison.Ordinal);
        }
        finally
        {
            await _redis.SignalAsync("CONT");
        }
    }

    [Fact]
    public async Task A_gateway_starts_without_its_Redis_and_takes_it_when_it_comes()
    {
        await _redis.VanishAsync();
        Start(1, ("Limits:sessions:WithoutRedis", "closed"));
        Announce();
        await WhenAllLoggedAsync(Away);
        await (await _gateways[0].MintAsync()).ShouldFailAsync(503, "no_destination");

        await ReturnAsync();

        Assert.Equal(HttpStatusCode.OK, (await _gateways[0].MintAsync()).StatusCode);
    }

    [Fact]
    public async Task Scripts_that_Redis_has_forgotten_are_sent_again()
    {
        Start(1);
        Assert.Equal("200", await MintAsync("127.0.0.2", 1));
        await using (var redis = await _redis.ConnectAsync())
            await redis.GetServers()[0].ScriptFlushAsync();

        Assert.Equal("200 200", await MintAsync("127.0.0.2", 2));
    }

    [Fact]
    public async Task Redis_learns_no_address_and_every_key_has_an_end()
    {
        Start(1, ("Limits:sessions:Permits", "60")); // at 100,000 a minute a key lives a millisecond
        Assert.Equal("200", await MintAsync("127.0.0.77", 1));

        await using var redis = await _redis.ConnectAsync();
        var keys = redis.GetServers()[0].Keys(pattern: "*").Select(key => key.ToString()).Where(key => key != "realtime-gateway:keys").ToArray(); // the key ring stays
        var database = redis.GetDatabase();

        Assert.Equal(
            ["sessions", "sessionsatonce", "sessionsintotal", "sessionsperday"],
            keys.Where(key => !key.EndsWith(":probe", StringComparison.Ordinal)).Select(key => key.Split(':')[2]).Order(StringComparer.Ordinal));
        Assert.All(keys, key => Assert.Matches("^realtime-gateway:(probe|\\{limits\\}:[a-z]+:[0-9a-f]{32})$", key));
        Assert.All(keys, key => Assert.True(key.EndsWith(":probe", StringComparison.Ordinal) || database.KeyTimeToLive(key) is { TotalSeconds: > 0 and <= 86400 }, key));
    }

    [Fact]
    public async Task A_decision_is_one_round_trip()
    {
        Start(1);
        Assert.Equal("200", await MintAsync("127.0.0.2", 1)); // the script is known from here on
        await using var redis = await _redis.ConnectAsync();
        var before = await CallsAsync();

        Assert.Equal("200 200 200 200 200", await MintAsync("127.0.0.2", 5));

        Assert.Equal(5 * 2, await CallsAsync() - before); // one to decide, one that nobody waits for: how long the call counts

        // The gateway's own connection last, as what nobody waits for goes there.
        async Task<long> CallsAsync()
        {
            await Link.Database!.PingAsync();
            return (await redis.GetServers()[0].InfoAsync("commandstats"))[0]
                .Where(line => line.Key is "cmdstat_evalsha" or "cmdstat_eval").Sum(line => long.Parse(line.Value.Split(',')[0]["calls=".Length..]));
        }
    }

    [Fact]
    public async Task An_errand_that_Redis_cannot_do_is_given_up_after_five_tries()
    {
        Start(1);
        Announce();

        Link.Run(new("it", IsFinal: true, new("redis.call('INCR', KEYS[1]) return redis.error_reply('ERR no')"), ["tries"], () => []));

        await Eventually.ShouldAsync(() => _gateways[0].Logs.GetSnapshot().Count(record => record.Message == Back) == 1 + 5); // once at the start
        await _gateways[0].ShowsAsync("""realtime_gateway_limits_store_state{state="redis"} 1""");
        Assert.Equal(5, await AskAsync("return tonumber(redis.call('GET', KEYS[1]))", "tries"));
    }

    [Fact]
    public async Task Ten_thousand_errands_wait_for_Redis_and_no_more()
    {
        Start(1);
        await LeaveAsync();
        RedisScript add = new("return redis.call('SADD', KEYS[1], ARGV[1])");

        for (var i = 0; i < 10_001; i++)
        {
            var number = i;
            Link.Run(new($"{i}", IsFinal: true, add, ["errands"], () => [number]));
        }

        await ReturnAsync();

        Assert.Equal(10_000, await AskAsync("return redis.call('SCARD', KEYS[1])", "errands"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_ends_while_Redis_is_away_ends_however_many_sockets_live_or_however_often_one_ticket_comes(bool isOfSockets)
    {
        Start(1);
        Demand[] call = [new(Rules.Of(nameof(LimitKind.Concurrency), permits: 1) with { Window = TimeSpan.FromHours(1) }, 0)];
        var (ending, other) = (1, 2);
        Assert.True((await Shared.AcquireAsync(call, ending)).IsAdmitted);
        await LeaveAsync();

        for (var i = 0; i < 10_001; i++)
        {
            if (isOfSockets)
                Shared.Renew(call, other + i, TimeSpan.FromMinutes(1));
            else
                Shared.Release(call, other);
        }

        Shared.Hold(call, ending, TimeSpan.FromHours(1));
        Shared.Release(call, ending);
        Shared.Hold(call, ending, TimeSpan.FromHours(1)); // too late
        await ReturnAsync();

        Assert.True((await Shared.PeekAsync(call)).IsAdmitted);
    }

    [Fact]
    public async Task A_request_goes_on_counting_in_Redis_as_it_does_here()
    {
        var time = new FakeTimeProvider();
        Start(1);
        Demand[] call = [new(Rules.Of(nameof(LimitKind.Concurrency), permits: 1) with { Window = TimeSpan.FromHours(1) }, 0)];
        Assert.True((await Shared.AcquireAsync(call, lease: 1)).IsAdmitted);
        Shared.Hold(call, lease: 1, TimeSpan.FromMinutes(40));
        var lease = new CallLease(call, id: 1, Shared, time);
        Assert.InRange((await Shared.PeekAsync(call)).Wait, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(40));

        time.Advance(TimeSpan.FromMinutes(20));
        Assert.True((await Shared.PeekAsync(call)).Wait > TimeSpan.FromMinutes(40));

        lease.End();
        Assert.True((await Shared.PeekAsync(call)).IsAdmitted);
    }

    [Fact]
    public async Task A_call_that_is_held_while_Redis_is_away_counts_no_longer_than_it_was_to()
    {
        var time = new ShiftingTime();
        Start(1, time);
        Demand[] call = [new(Rules.Of(nameof(LimitKind.Concurrency), permits: 1) with { Window = TimeSpan.FromHours(1) }, 0)];
        Assert.True((await Shared.AcquireAsync(call, lease: 1)).IsAdmitted);
        await LeaveAsync();

        Shared.Hold(call, lease: 1, TimeSpan.FromMinutes(20));
        time.Advance(TimeSpan.FromMinutes(20));
        await ReturnAsync();

        Assert.True((await Shared.PeekAsync(call)).IsAdmitted);
    }

    [Fact]
    public async Task The_loss_of_the_connection_that_only_listens_is_no_absence_of_Redis()
    {
        Start(1);
        await using var redis = await _redis.ConnectAsync();
        bool isLost = false, isRestored = false;
        Link.Database!.Multiplexer.ConnectionFailed += (_, failure) => isLost |= failure.ConnectionType is ConnectionType.Subscription;
        Link.Database.Multiplexer.ConnectionRestored += (_, restored) => isRestored |= restored.ConnectionType is ConnectionType.Subscription;

        await Eventually.ShouldAsync(async () =>
        {
            await redis.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            return isLost;
        });
        await Eventually.ShouldAsync(() => isRestored);

        Assert.Equal("200", await MintAsync("127.0.0.2", 1));
        Assert.DoesNotContain(_gateways[0].Logs.GetSnapshot(), record => record.Message.Contains(Away, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_connection_is_never_shown()
    {
        Start(1);
        Announce();
        await LeaveAsync();
        using var health = await _gateways[0].Http.GetAsync("/health", TestContext.Current.CancellationToken);

        Assert.DoesNotContain(RedisServer.Password, await health.VisibleAsync(), StringComparison.Ordinal);
        Assert.All(_gateways[0].Logs.GetSnapshot(), record => Assert.DoesNotContain(RedisServer.Password, record.Message + record.Exception, StringComparison.Ordinal));
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?> { ["Redis:Connection"] = $"redis,password={RedisServer.Password},nonsense=1" });
        Assert.Contains("Redis:Connection: must be hosts and options", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(RedisServer.Password, refusal, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var gateway in _gateways)
                await gateway.DisposeAsync();
        }
        finally
        {
            await _redis.DisposeAsync();
            _azure.Dispose();
        }
    }

    private void Start(int count, params (string Key, string Value)[] variables) => Start(count, TimeProvider.System, variables);

    private void Start(int count, TimeProvider time, params (string Key, string Value)[] variables)
    {
        _azure.Mints();
        for (var i = 0; i < count; i++)
        {
            _gateways.Add(Gateway.StartWith(
                _azure.Url, variables.Prepend(("Redis:Timeout", "00:00:05")).Append(("Redis:Connection", _redis.Connection))
                    .GroupBy(pair => pair.Item1).ToDictionary(group => group.Key, group => (string?)group.Last().Item2),
                services: services => services.AddSingleton(time)));
        }
    }

    private RedisLink Link => _gateways[0].Services.GetRequiredService<RedisLink>();

    private RedisLimits Shared => _gateways[0].Services.GetRequiredService<RedisLimits>();

    /// <summary>Asks on the gateway's own connection, where it comes after all that was sent before.</summary>
    private async Task<int> AskAsync(string script, string key) => (int)(await Link.TryRunAsync(new(script), [key], []))!;

    private void Announce() => _gateways.ForEach(gateway => gateway.Announce(Away));

    private Task WhenAllLoggedAsync(string text) => Task.WhenAll(_gateways.Select(gateway => gateway.WhenLoggedAsync(text)));

    private async Task LeaveAsync()
    {
        Announce();
        await _redis.VanishAsync();
        await WhenAllLoggedAsync(Away);
    }

    private async Task ReturnAsync()
    {
        _gateways.ForEach(gateway => gateway.Logs.Clear());
        await _redis.ReturnAsync();
        await WhenAllLoggedAsync(Back);
    }

    /// <summary>Statuses of so many requests at the same time, to the gateways in turn.</summary>
    private Task<HttpStatusCode[]> LoadAsync(int requests) => Task.WhenAll(Enumerable.Range(0, requests).Select(async i =>
    {
        using var response = await _gateways[i % _gateways.Count].MintAsync();
        return response.StatusCode;
    }));

    private async Task<string> MintAsync(string address, int count)
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
        {
            using var response = await _gateways[i % _gateways.Count].MintFromAsync(address);
            statuses[i] = (int)response.StatusCode;
        }

        return string.Join(' ', statuses);
    }
}
