using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Limits;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Limits;

/// <summary>What a caller of a limited route sees, on a clock that stands still unless a test moves it.</summary>
public sealed class RouteLimitTests : IAsyncDisposable
{
    private readonly Azure _azure = new();
    private FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(Azure.ExpiresAt - 60));
    private Gateway _gateway = null!;

    [Theory]
    [InlineData("fixed_window", 46)]
    [InlineData("sliding_window", 52)]
    [InlineData("token_bucket", 16)]
    public async Task A_caller_over_a_rate_is_told_truly_when_to_come_back_and_never_reaches_Azure(string kind, int seconds)
    {
        Start(("Limits:sessions:Permits", "2"), ("Limits:sessions:Kind", kind));
        using var first = await _gateway.MintAsync();
        using var second = await _gateway.MintAsync();
        _time.Advance(TimeSpan.FromSeconds(14.5)); // the header rounds up
        using var third = await _gateway.MintAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        await third.ShouldFailAsync(429, "rate_limit_exceeded");
        Assert.Equal(TimeSpan.FromSeconds(seconds), third.Headers.RetryAfter!.Delta);
        Assert.Equal(2, _azure.Requests);

        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        await ShouldNotMintAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await ShouldMintAsync(1);
    }

    [Fact]
    public async Task Of_two_rates_that_refuse_the_longer_wait_is_told()
    {
        Start(("Limits:sessions:Permits", "1"), ("Limits:sessionsperday:Permits", "1"));
        await ShouldMintAsync(1);

        using var refused = await _gateway.MintAsync();

        await refused.ShouldFailAsync(429, "rate_limit_exceeded");
        Assert.Equal(TimeSpan.FromDays(1), refused.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_minted_secret_is_a_call_until_it_expires()
    {
        Start(("Limits:sessionsatonce:Permits", "2"));
        await ShouldMintAsync(1);
        _time.Advance(TimeSpan.FromSeconds(20)); // Azure's secrets all expire at the same moment
        await ShouldMintAsync(1);

        using var third = await _gateway.MintAsync();
        await third.ShouldFailAsync(429, "too_many_calls");
        Assert.Equal(TimeSpan.FromSeconds(40), third.Headers.RetryAfter!.Delta);
        Assert.Equal(2, _azure.Requests);

        _time.Advance(TimeSpan.FromSeconds(39));
        await ShouldNotMintAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await ShouldMintAsync(3); // what Azure sends has expired by now, and is no call
    }

    [Fact]
    public async Task A_caller_at_its_limit_does_not_hold_up_another_but_all_together_have_one_too()
    {
        Start(("Limits:sessionsatonce:Permits", "2"), ("Limits:sessionsintotal:Permits", "3"));

        Assert.Equal("200 200 429 429", await MintAsync("127.0.0.2", 4));
        Assert.Equal("200 429", await MintAsync("127.0.0.3", 2));
        Assert.Equal("429", await MintAsync("127.0.0.4", 1));
    }

    [Fact]
    public async Task A_mint_that_failed_is_no_call()
    {
        Start(("Limits:sessionsatonce:Permits", "1"));
        _gateway.Announce("answered 500", "answered 200 with a body that is no session");
        _azure.Reset();
        _azure.Answers(Azure.GaPath, 500, "{}");
        for (var i = 0; i < 5; i++)
            await (await _gateway.MintAsync()).ShouldFailAsync(502, "upstream_unavailable");
        _azure.Reset();
        _azure.Answers(Azure.GaPath, 200, "{}");
        for (var i = 0; i < 5; i++)
            await (await _gateway.MintAsync()).ShouldFailAsync(502, "upstream_invalid_response");
        for (var i = 0; i < 5; i++)
            await (await _gateway.MintAsync("{")).ShouldFailAsync(400, "invalid_json");

        _azure.Reset();
        _azure.Mints();
        await ShouldMintAsync(1);
        await ShouldNotMintAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "Timeout": "00:10:00" """)]
    public async Task A_request_that_mints_nothing_is_a_call_until_its_response_ends(string timeout)
    {
        await using var upstream = await StreamingUpstream.StartAsync();
        await using var gateway = Gateway.StartWith(upstream.Url, change: settings =>
        {
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:chat:Metadata", $$"""{ "Limit": "chats"{{timeout}} }""");
            settings.Set("Limits:chats", """{ "Kind": "concurrency", "Permits": 1, "Window": "00:00:02" }""");
        }, services: services => services.AddSingleton<TimeProvider>(_time));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/openai/v1/chat/completions") { Content = Gateway.Json("{}") };
        var sending = gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        upstream.Send("first");
        using var first = await sending;

        for (var i = 0; i < 5; i++)
        {
            await (await gateway.MintAsync("{}", "/openai/v1/chat/completions")).ShouldFailAsync(429, "too_many_calls");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        upstream.Finish();
        await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        await Eventually.ShouldAsync(async () => (await gateway.MintAsync("{}", "/openai/v1/chat/completions")).StatusCode is HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_secret_that_is_said_to_live_for_years_counts_for_two_hours()
    {
        _time = new(DateTimeOffset.FromUnixTimeSeconds(Azure.ExpiresAt - 100_000_000));
        Start(("Limits:sessionsatonce:Permits", "1"));
        await ShouldMintAsync(1);

        using var refused = await _gateway.MintAsync();
        await refused.ShouldFailAsync(429, "too_many_calls");
        Assert.Equal(TimeSpan.FromHours(1), refused.Headers.RetryAfter!.Delta); // the most that is ever told
        _time.Advance(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        await ShouldNotMintAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await ShouldMintAsync(1);
    }

    [Fact]
    public async Task By_profile_each_counts_for_itself_and_those_that_do_not_exist_together()
    {
        Start(
            settings =>
            {
                settings.Set("Realtime:Profiles:second", """{ "Models": [ "gpt-realtime" ], "Voices": [ "verse" ] }""");
                settings.Set("ReverseProxy:Routes:sessions:Metadata:Limit", "\"sessions\"");
            },
            ("Limits:sessions:Permits", "2"), ("Limits:sessions:By", "profile"));

        Assert.Equal("200 200 429", await MintAsync("127.0.0.2", 3, "/sessions?profile=SECOND"));
        Assert.Equal("403", await MintAsync("127.0.0.3", 1, "/sessions?profile=nobody"));
        Assert.Equal("200 200 429", await MintAsync("127.0.0.4", 3));
        Assert.Equal("403 429", await MintAsync("127.0.0.5", 2, "/sessions?profile=somebody"));
        Assert.Equal(3, _gateway.Services.GetRequiredService<LocalLimits>().Partitions);
    }

    /// <summary>Otherwise its permits could be used up from outside, and when they run out would tell that it exists.</summary>
    [Fact]
    public async Task By_profile_one_that_is_not_for_the_caller_counts_like_one_that_does_not_exist()
    {
        Start(
            settings =>
            {
                settings.Set("Realtime:Profiles:gold", """{ "Models": [ "gpt-realtime" ], "Voices": [ "verse" ], "AllowedFor": [ "scope:gold" ] }""");
                settings.Set("ReverseProxy:Routes:sessions:Metadata:Limit", "\"sessions\"");
            },
            ("Limits:sessions:Permits", "2"), ("Limits:sessions:By", "profile"));

        Assert.Equal("403 403 429", await MintAsync("127.0.0.2", 3, "/sessions?profile=nobody"));
        Assert.Equal("429", await MintAsync("127.0.0.3", 1, "/sessions?profile=gold"));
        Assert.Equal("200", await MintAsync("127.0.0.4", 1));
    }

    [Fact]
    public async Task A_reload_that_leaves_a_rule_alone_keeps_its_count_and_one_that_changes_it_starts_afresh()
    {
        _azure.Mints();
        _gateway = Gateway.StartWith(_azure.Url);
        await _gateway.ReloadAsync(settings => settings.Set("Limits:daily", """{ "Permits": 1, "Window": "1.00:00:00" }"""));
        await _gateway.ReloadAsync(settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:Limit", "\"daily\""));
        await ShouldMintAsync(1);

        await _gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));
        await ShouldNotMintAsync();

        await _gateway.ReloadAsync(settings => settings.Set("Limits:daily:Permits", "2"));
        await ShouldMintAsync(2);
        await ShouldNotMintAsync();
    }

    [Fact]
    public async Task The_shipped_rules_limit_a_caller_per_minute_per_day_and_at_once_and_all_together()
    {
        await using var gateway = Gateway.Start(new Dictionary<string, string?> { ["Simulator:Url"] = "http://127.0.0.1:0" });

        var (minute, day) = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        Assert.Equal(
            [
                new LimitRule("sessions", LimitKind.TokenBucket, 60, minute, 60, LimitBy.Caller, WithoutRedis.Local),
                new LimitRule("sessionsatonce", LimitKind.Concurrency, 30, minute, 30, LimitBy.Caller, WithoutRedis.Local),
                new LimitRule("sessionsintotal", LimitKind.Concurrency, 1000, minute, 1000, LimitBy.Global, WithoutRedis.Local),
                new LimitRule("sessionsperday", LimitKind.FixedWindow, 1000, day, 1000, LimitBy.Caller, WithoutRedis.Local),
            ],
            gateway.Snapshot().Settings["sessions"].Limits!.Rules);
        Assert.Equal(
            new LimitRule("failedauthentication", LimitKind.FixedWindow, 10, minute, 10, LimitBy.Address, WithoutRedis.Local), gateway.Snapshot().FailedAuthentication);
        // A route that ships without a limit would be an open bill.
        Assert.All(gateway.Snapshot().Routes, route => Assert.NotEmpty(gateway.Snapshot().Settings[route.RouteId].Limits?.Rules ?? []));
    }

    public async ValueTask DisposeAsync()
    {
        _azure.AssertNothingUnexpected();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    private void Start(params (string Key, string Value)[] variables) => Start(change: null, variables);

    private void Start(Action<JsonNode>? change, params (string Key, string Value)[] variables)
    {
        _azure.Mints();
        _gateway = Gateway.StartWith(
            _azure.Url, variables.ToDictionary(pair => pair.Key, pair => (string?)pair.Value), change, services => services.AddSingleton<TimeProvider>(_time));
    }

    /// <summary>The next requests are admitted.</summary>
    private async Task ShouldMintAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var admitted = await _gateway.MintAsync();
            Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
        }
    }

    private async Task ShouldNotMintAsync()
    {
        using var refused = await _gateway.MintAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    /// <summary>Statuses of so many requests, one after the other.</summary>
    private async Task<string> MintAsync(string address, int count, string path = "/sessions")
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
        {
            using var response = await _gateway.MintFromAsync(address, path);
            statuses[i] = (int)response.StatusCode;
        }

        return string.Join(' ', statuses);
    }
}
