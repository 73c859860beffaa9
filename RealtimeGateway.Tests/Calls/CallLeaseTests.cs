using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Calls;
using RealtimeGateway.Limits;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>A call counts from its offer until it is hung up, for the hour that the service gives it at most.</summary>
public sealed class CallLeaseTests : IAsyncLifetime
{
    private CallingAzure _azure = null!;

    public async ValueTask InitializeAsync() => _azure = await CallingAzure.StartAsync();

    public ValueTask DisposeAsync() => _azure.DisposeAsync();

    [Fact]
    public async Task A_call_counts_until_it_is_hung_up()
    {
        await using var gateway = Start();
        var call = await gateway.BeginCallAsync();

        using var refused = await gateway.CallAsync();
        await refused.ShouldFailAsync(429, "too_many_calls");
        Assert.Equal(["false"], refused.Headers.GetValues("x-should-retry"));
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());

        Assert.Equal(201, await gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task A_call_that_nobody_hangs_up_counts_for_an_hour()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var gateway = Start(time: time);
        await gateway.BeginCallAsync();

        time.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(1));
        Assert.Equal(429, await gateway.CallAsync().StatusAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(201, await gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task A_call_that_came_to_nothing_does_not_count()
    {
        await using var gateway = Start();
        gateway.Announce("answered 400");
        _azure.OnCall = CallingAzure.Status(400);
        Assert.Equal(400, await gateway.CallAsync().StatusAsync());
        Assert.Equal(400, await gateway.CallAsync("no offer").StatusAsync());
        _azure.OnCall = context => CallingAzure.AnswerAsync(context);

        Assert.Equal(201, await gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task A_hang_up_that_fails_frees_nothing()
    {
        await using var gateway = Start();
        gateway.Announce("answered 500");
        _azure.OnHangUp = CallingAzure.Status(500);
        var call = await gateway.BeginCallAsync();

        Assert.Equal(502, await gateway.HangUpAsync(call).StatusAsync());

        Assert.Equal(429, await gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task Replicas_with_one_Redis_open_each_others_ids_and_end_each_others_leases_and_know_of_each_others_ends()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = Start(redis.Connection);
        await using var other = Start(redis.Connection);
        var call = await one.BeginCallAsync();
        Assert.Equal(429, await other.CallAsync().StatusAsync());

        Assert.Equal(204, await other.HangUpAsync(call).StatusAsync());

        Assert.Equal("hangup", (string?)(await one.DescribeAsync(call))["end_reason"]);
        Assert.Equal(204, await one.HangUpAsync(call).StatusAsync());
        Assert.Single(_azure.HangUps);
        await Eventually.ShouldAsync(async () => await one.CallAsync().StatusAsync() is 201);
    }

    [Fact]
    public async Task A_call_that_is_hung_up_while_Redis_is_away_counts_no_longer_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = Start(redis.Connection, patience: "00:00:01");
        gateway.Announce("Redis is away");
        var call = await gateway.BeginCallAsync();
        await redis.SignalAsync("STOP");
        try
        {
            Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
            await gateway.WhenLoggedAsync("Redis is away");
            gateway.Logs.Clear();
        }
        finally
        {
            await redis.SignalAsync("CONT");
        }

        await gateway.WhenLoggedAsync("Redis counts the limits");
        Assert.Equal(201, await gateway.CallAsync().StatusAsync());
    }

    [Fact]
    public async Task A_call_that_is_hung_up_while_Redis_is_away_is_over_at_the_other_replica_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = Start(redis.Connection);
        await using var other = Start(redis.Connection);
        one.Announce("Redis is away");
        other.Announce("Redis is away");
        var call = await one.BeginCallAsync();
        await other.DescribeAsync(call); // which knows the key from here on
        await redis.VanishAsync();
        await other.WhenLoggedAsync("Redis is away");

        Assert.Equal(204, await other.HangUpAsync(call).StatusAsync());
        Assert.Equal("begun", (string?)(await one.DescribeAsync(call))["state"]);
        await redis.ReturnAsync();

        await Eventually.ShouldAsync(async () => (string?)(await one.DescribeAsync(call))["end_reason"] is "hangup");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_Redis_counts_too_late_is_no_call(bool isScriptKnown)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = Start(redis.Connection, patience: "00:00:01");
        gateway.Announce("Redis is away", "answered 400");
        if (isScriptKnown)
            await gateway.HangUpAsync(await gateway.BeginCallAsync()).StatusAsync();
        _azure.OnCall = CallingAzure.Status(400);
        await redis.SignalAsync("STOP");
        try
        {
            Assert.Equal(400, await gateway.CallAsync().StatusAsync());
            await gateway.WhenLoggedAsync("Redis is away");
            gateway.Logs.Clear();
        }
        finally
        {
            await redis.SignalAsync("CONT");
        }

        await gateway.WhenLoggedAsync("Redis counts the limits");
        _azure.OnCall = context => CallingAzure.AnswerAsync(context);
        Assert.Equal(201, await gateway.CallAsync().StatusAsync());
    }

    [Theory]
    [InlineData("hangup soon")]
    [InlineData("hangup 99999999999999")]
    [InlineData("leaked 1900000000")]
    public async Task What_somebody_else_has_written_to_Redis_is_no_end_of_a_call(string text)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = Start(redis.Connection);
        var call = await gateway.BeginCallAsync();
        await using var connection = await redis.ConnectAsync();
        await connection.GetDatabase().StringSetAsync($"{gateway.Services.GetRequiredService<RedisLink>().KeyPrefix}calls:{CallIds.NameOf(call[7..])}", text);

        Assert.Equal("begun", (string?)(await gateway.DescribeAsync(call))["state"]);
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
        Assert.Single(_azure.HangUps);
    }

    private Gateway Start(string redis = "", TimeProvider? time = null, string patience = "00:00:05") => Gateway.StartWith(
        _azure.Url, new Dictionary<string, string?> { ["Limits:sessionsatonce:Permits"] = "1", ["Redis:Connection"] = redis, ["Redis:Timeout"] = patience },
        services: services => services.AddSingleton(time ?? TimeProvider.System));
}
