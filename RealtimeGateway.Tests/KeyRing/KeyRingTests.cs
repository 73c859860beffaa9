using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using StackExchange.Redis;

namespace RealtimeGateway.Tests.KeyRing;

/// <summary>Where the keys are that seal what callers are given, and who can open it.</summary>
public sealed class KeyRingTests
{
    [Fact]
    public async Task Without_a_setting_keys_stay_in_memory_and_open_nothing_of_another_process()
    {
        await using var one = Start();
        await using var other = Start();

        Assert.IsType<MemoryKeys>(RepositoryOf(one));
        Assert.Equal("text", ProtectorOf(one).Unprotect(ProtectorOf(one).Protect("text")));
        Assert.ThrowsAny<Exception>(() => ProtectorOf(other).Unprotect(ProtectorOf(one).Protect("text")));
    }

    [Fact]
    public async Task Replicas_that_share_a_folder_open_what_the_others_sealed_and_warn_that_it_is_in_clear()
    {
        var folder = Directory.CreateTempSubdirectory("realtime-gateway-keys-");
        try
        {
            await using var one = Start(("DataProtection:KeyRing", folder.FullName));
            var sealedByOne = ProtectorOf(one).Protect("text");
            await using var other = Start(("DataProtection:KeyRing", folder.FullName));

            Assert.Equal("text", ProtectorOf(other).Unprotect(sealedByOne));
            Assert.Single(folder.GetFiles("*.xml"));
            foreach (var gateway in new[] { one, other })
            {
                gateway.Announce("(DataProtection:KeyRing) are in clear");
                Assert.Single(gateway.Logs.GetSnapshot(), record => record.Message.Contains("are in clear", StringComparison.Ordinal));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Replicas_that_share_a_Redis_have_one_key_even_when_they_start_together()
    {
        await using var redis = await RedisServer.StartAsync();
        var starting = Enumerable.Range(0, 3).Select(_ => Task.Run(() => Start(("Redis:Connection", redis.Connection), ("Redis:Timeout", "00:00:05")))).ToArray();
        var gateways = await Task.WhenAll(starting);
        try
        {
            var texts = gateways.Select(gateway => ProtectorOf(gateway).Protect("text")).ToArray();

            Assert.All(gateways, gateway => Assert.All(texts, text => Assert.Equal("text", ProtectorOf(gateway).Unprotect(text))));
            Assert.All(gateways, gateway => Assert.Single(RepositoryOf(gateway).GetAllElements()));
        }
        finally
        {
            foreach (var gateway in gateways)
                await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Of_keys_that_two_replicas_make_at_once_the_first_counts()
    {
        await using var redis = await RedisServer.StartAsync();
        var time = new FakeTimeProvider();
        await using var one = Start(time, ("Redis:Connection", redis.Connection), ("Redis:Timeout", "00:00:05"), ("Redis:KeyPrefix", "a:"));
        var (mine, theirs) = (KeysOf(one), new RedisKeys(one.Services.GetRequiredService<RealtimeGateway.Limits.RedisLink>(), time));
        var before = mine.GetAllElements().Count;
        Assert.Equal(before, theirs.GetAllElements().Count);

        mine.StoreElement(new("mine"), "");
        theirs.StoreElement(new("theirs"), "");
        Assert.Equal("mine", theirs.GetAllElements().Last().Name);
        Assert.Equal(before + 1, mine.GetAllElements().Count);

        theirs.StoreElement(new("later"), "");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("later", mine.GetAllElements().Last().Name);
    }

    [Fact]
    public async Task Whoever_sends_forgeries_has_the_keys_read_once_a_second_at_most()
    {
        await using var redis = await RedisServer.StartAsync();
        var time = new FakeTimeProvider();
        await using var gateway = Start(time, ("Redis:Connection", redis.Connection), ("Redis:Timeout", "00:00:05"));
        using var connection = await redis.ConnectAsync();
        var before = await ReadsAsync(connection);

        await ForgeAsync(gateway);
        Assert.Equal(before, await ReadsAsync(connection)); // they were read a moment ago, at the start

        time.Advance(TimeSpan.FromSeconds(1));
        await ForgeAsync(gateway);
        Assert.Equal(before + 1, await ReadsAsync(connection));
    }

    [Fact]
    public async Task While_Redis_is_away_nobody_waits_for_the_keys_more_than_once_a_second()
    {
        await using var redis = await RedisServer.StartAsync();
        var time = new FakeTimeProvider();
        await using var gateway = Start(time, ("Redis:Connection", redis.Connection), ("Redis:Timeout", "00:00:05"));
        gateway.Announce("Redis is away");
        var (keys, link) = (KeysOf(gateway), gateway.Services.GetRequiredService<RealtimeGateway.Limits.RedisLink>());
        await redis.VanishAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.ThrowsAny<RedisException>(keys.GetAllElements);

        await redis.ReturnAsync();
        await Eventually.ShouldAsync(() => link.Database!.IsConnected("keys"));
        Assert.ThrowsAny<RedisException>(keys.GetAllElements);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(keys.GetAllElements());
    }

    // The beginning is that of everything that Data Protection seals; then comes the number of a key that nobody has.
    private static async Task ForgeAsync(Gateway gateway)
    {
        for (var i = 0; i < 30; i++)
            Assert.Equal(404, await gateway.AskAsync($"/calls/rtc_CfDJ8A{Convert.ToHexString(RandomNumberGenerator.GetBytes(60))}AA").StatusAsync());
    }

    private static async Task<long> ReadsAsync(ConnectionMultiplexer redis) =>
        (await redis.GetServers()[0].InfoAsync("commandstats"))[0].Where(line => line.Key is "cmdstat_lrange").Sum(line => long.Parse(line.Value.Split(',')[0]["calls=".Length..]));

    private static RedisKeys KeysOf(Gateway gateway) => Assert.IsType<RedisKeys>(RepositoryOf(gateway));

    private static IXmlRepository RepositoryOf(Gateway gateway) =>
        Assert.IsType<ConfiguredKeys>(gateway.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository).Chosen;

    private static IDataProtector ProtectorOf(Gateway gateway) => gateway.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private static Gateway Start(params (string Name, string Value)[] variables) => Start(TimeProvider.System, variables);

    private static Gateway Start(TimeProvider time, params (string Name, string Value)[] variables) => Gateway.StartWith(
        "http://127.0.0.1:1", variables.ToDictionary(pair => pair.Name, string? (pair) => pair.Value), services: services => services.AddSingleton(time));
}
