using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;
using StackExchange.Redis;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>A Redis in which a gateway counts together with others, and what it has written there.</summary>
internal sealed class Store : IAsyncDisposable
{
    private RedisServer _server = null!;

    public static async Task<Store> StartAsync() => new() { _server = await RedisServer.StartAsync() };

    /// <summary>Has a gateway count there; one of its limits closes while it is away.</summary>
    public void Plant(JsonNode settings)
    {
        settings.Set("Redis:Connection", $"\"{_server.Connection}\"");
        settings.Set("Redis:Timeout", "\"00:00:10\"");
        settings.Set("Limits:few", """{ "Kind": "fixed_window", "Permits": 100000, "By": "caller", "WithoutRedis": "closed" }""");
    }

    public Task VanishAsync() => _server.VanishAsync();

    /// <summary>Adds every key and every value.</summary>
    public async Task TellToAsync(Findings findings)
    {
        await using var connection = await _server.ConnectAsync();
        var database = connection.GetDatabase();
        await foreach (var key in connection.GetServers()[0].KeysAsync())
        {
            findings.Add(Audience.Store, "redis", "key", key);
            findings.Add(Audience.Store, "redis", "value", await ReadAsync(database, key));
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<string> ReadAsync(IDatabase database, RedisKey key) => await database.KeyTypeAsync(key) switch
    {
        RedisType.String => (string?)await database.StringGetAsync(key) ?? "",
        RedisType.Hash => string.Join(' ', await database.HashGetAllAsync(key)),
        RedisType.List => string.Join(' ', await database.ListRangeAsync(key)),
        RedisType.SortedSet => string.Join(' ', await database.SortedSetRangeByRankWithScoresAsync(key)),
        var other => throw new NotSupportedException($"{key} is a {other}."),
    };
}
