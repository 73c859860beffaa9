using System.Net;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using StackExchange.Redis;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>Replicas with one real Redis: each opens the tickets of the others, and together they redeem each one once.</summary>
public sealed class SharedTicketTests : IAsyncLifetime
{
    private CallingAzure _azure = null!;
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => (_azure, _redis) = (await CallingAzure.StartAsync(), await RedisServer.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task Of_many_who_come_to_two_processes_with_one_ticket_one_gets_a_call()
    {
        var variables = new Dictionary<string, string>
        {
            ["AZURE_OPENAI_ENDPOINT"] = _azure.Url,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = Gateway.Deployment,
            ["Callers__AllowAnonymous"] = "true",
            ["Redis__Connection"] = _redis.Connection,
            ["Redis__Timeout"] = "00:00:05",
            ["Limits__sessions__Permits"] = "1000",
            ["Limits__sessionsatonce__Permits"] = "1000",
            ["Limits__failedauthentication__Permits"] = "1000",
        };
        await using var one = await GatewayProcess.StartAsync(variables);
        await using var other = await GatewayProcess.StartAsync(variables);
        GatewayProcess[] both = [one, other];

        for (var round = 1; round <= 5; round++)
        {
            var ticket = await TicketAsync(both[round % 2]);
            var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => both[i % 2].Http.RedeemAsync(ticket)));
            Assert.Equal((1, 19), (statuses.Count(status => status is HttpStatusCode.Created), statuses.Count(status => status is HttpStatusCode.Unauthorized)));
        }

        Assert.Equal((5, 5), (_azure.Mints.Count, _azure.Offers.Count));
    }

    [Fact]
    public async Task While_Redis_is_away_none_is_redeemed_and_none_is_lost()
    {
        await using var gateway = Start();
        gateway.Announce("Redis is away");
        var (spent, ticket) = (await gateway.TicketAsync(), await gateway.TicketAsync());
        Assert.Equal(201, await gateway.RedeemAsync(spent).StatusAsync());
        await _redis.VanishAsync();
        await gateway.WhenLoggedAsync("Redis is away");

        using var closed = await gateway.RedeemAsync(ticket);
        await closed.ShouldFailAsync(503, "no_destination");
        Assert.Equal(TimeSpan.FromSeconds(1), closed.Headers.RetryAfter!.Delta);
        Assert.Single(_azure.Mints);

        gateway.Logs.Clear();
        await _redis.ReturnAsync();
        await gateway.WhenLoggedAsync("Redis counts the limits");
        Assert.Equal(401, await gateway.RedeemAsync(spent).StatusAsync());
        Assert.Equal(201, await gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task One_that_another_replica_has_spent_is_a_failed_credential_and_takes_no_second_permit()
    {
        (string, string)[] limits = [("Limits:sessions:Kind", "fixed_window"), ("Limits:sessions:Permits", "4"), ("Limits:failedauthentication:Permits", "3")];
        await using var one = Start(limits);
        await using var other = Start(limits);
        var ticket = await one.TicketAsync();
        Assert.Equal(201, await one.RedeemAsync(ticket).StatusAsync());

        foreach (var status in new[] { 401, 401, 401, 429 })
            Assert.Equal(status, await other.RedeemAsync(ticket).StatusAsync());

        Assert.Equal(200, await one.AskForTicketAsync().StatusAsync());
    }

    [Fact]
    public async Task The_replica_that_has_redeemed_it_remembers_when_Redis_has_lost_its_data()
    {
        await using var gateway = Start();
        var ticket = await gateway.TicketAsync();
        Assert.Equal(201, await gateway.RedeemAsync(ticket).StatusAsync());

        using (var connection = await _redis.ConnectAsync())
            await connection.GetServers()[0].FlushAllDatabasesAsync();

        Assert.Equal(401, await gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task A_replica_that_started_without_Redis_takes_neither_tickets_nor_calls_for_forged()
    {
        await using var one = Start();
        var (ticket, call) = (await one.TicketAsync(), await one.BeginCallAsync());
        one.Announce("Redis is away");
        await _redis.VanishAsync();
        await using var other = Start(("Limits:failedauthentication:Permits", "1"));
        other.Announce("Redis is away", "key ring");

        foreach (var asking in new[] { other.RedeemAsync(ticket), other.RedeemAsync(ticket), other.AskAsync(call), other.HangUpAsync(call) })
        {
            using var closed = await asking;
            await closed.ShouldFailAsync(503, "no_destination");
            Assert.Equal(TimeSpan.FromSeconds(1), closed.Headers.RetryAfter!.Delta);
        }

        await _redis.ReturnAsync();
        await other.WhenLoggedAsync("Redis counts the limits");
        Assert.Equal(201, await other.RedeemAsync(ticket).StatusAsync());
        Assert.Equal(204, await other.HangUpAsync(call).StatusAsync());
        Assert.Single(_azure.HangUps);
    }

    [Fact]
    public async Task A_ticket_of_one_replica_counts_once_with_the_call_that_another_begins()
    {
        await using var one = Start(("Limits:sessionsatonce:Permits", "1"));
        await using var other = Start(("Limits:sessionsatonce:Permits", "1"));
        var ticket = await one.TicketAsync();
        Assert.Equal(429, await other.AskForTicketAsync("{}").StatusAsync());

        using var call = await other.RedeemAsync(ticket);

        Assert.Equal(201, (int)call.StatusCode);
        Assert.Equal(429, await one.AskForTicketAsync("{}").StatusAsync());
        Assert.Equal(204, await one.HangUpAsync(call.Headers.Location!.OriginalString).StatusAsync());
        await Eventually.ShouldAsync(async () => await other.AskForTicketAsync("{}").StatusAsync() is 200);
    }

    [Fact]
    public async Task Redis_learns_a_number_that_ends_soon_after_the_ticket()
    {
        await using var gateway = Start();
        Assert.Equal(201, await gateway.RedeemAsync(await gateway.TicketAsync()).StatusAsync());

        using var connection = await _redis.ConnectAsync();
        var key = Assert.Single(connection.GetServers()[0].Keys(pattern: "*tickets:*"));
        Assert.Matches("^realtime-gateway:tickets:[0-9a-f]{32}$", key.ToString());
        Assert.Equal("1", (string?)await connection.GetDatabase().StringGetAsync(key));
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    private Gateway Start(params (string Name, string Value)[] variables) => Gateway.StartWith(
        _azure.Url, variables.Append(("Redis:Connection", _redis.Connection)).Append(("Redis:Timeout", "00:00:05")).ToDictionary(pair => pair.Item1, pair => (string?)pair.Item2));

    private static async Task<string> TicketAsync(GatewayProcess gateway)
    {
        using var response = await gateway.Http.PostAsync(Ticketing.Path, content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (string)System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["value"]!;
    }
}
