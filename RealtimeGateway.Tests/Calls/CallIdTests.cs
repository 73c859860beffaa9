using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using RealtimeGateway.Callers;
using RealtimeGateway.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>An id says nothing to anybody, and opens a call to nobody but its owner.</summary>
public sealed class CallIdTests : IAsyncLifetime
{
    private readonly CallersKey _ada = CallersKey.New();
    private readonly CallersKey _bob = CallersKey.New();
    private CallingAzure _azure = null!;

    public async ValueTask InitializeAsync() => _azure = await CallingAzure.StartAsync();

    public ValueTask DisposeAsync() => _azure.DisposeAsync();

    [Fact]
    public async Task To_everybody_but_its_owner_a_call_does_not_exist()
    {
        await using var gateway = StartWithKeys();
        var call = await gateway.BeginCallAsync(_ada.Key);

        await ShouldNotExistAsync(gateway, call, _bob.Key);
        Assert.Equal(401, await gateway.HangUpAsync(call).StatusAsync());

        Assert.Empty(_azure.HangUps);
        Assert.Equal(200, await gateway.AskAsync(call, _ada.Key).StatusAsync());
        Assert.Equal(204, await gateway.HangUpAsync(call, _ada.Key).StatusAsync());
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
    }

    [Fact]
    public async Task Garbage_and_forgeries_are_not_found()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);
        var call = await gateway.BeginCallAsync();

        foreach (var forged in Forgeries(call[7..]))
            await ShouldNotExistAsync(gateway, "/calls/" + forged, key: null);

        Assert.Empty(_azure.HangUps);
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
    }

    [Theory]
    [InlineData("%20")]
    [InlineData("%0A")]
    [InlineData("=")]
    [InlineData("==")]
    public async Task A_call_has_one_id_and_no_other_spelling_of_it(string more)
    {
        await using var gateway = Gateway.StartWith(_azure.Url);
        var call = await gateway.BeginCallAsync();

        await ShouldNotExistAsync(gateway, call + more, key: null);
        Assert.Empty(_azure.HangUps);
    }

    [Fact]
    public async Task Of_an_anonymous_callers_call_the_id_is_the_proof()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);
        var call = await gateway.BeginCallAsync();

        await using var stranger = Gateway.StartWith(_azure.Url); // other keys
        await ShouldNotExistAsync(stranger, call, key: null);
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
    }

    [Fact]
    public async Task An_id_shows_nothing_of_what_it_carries_and_no_two_are_alike()
    {
        await using var gateway = StartWithKeys();

        var (one, other) = (await gateway.BeginCallAsync(_ada.Key), await gateway.BeginCallAsync(_ada.Key));

        var bytes = Encoding.Latin1.GetString(Base64Url.DecodeFromChars(one.AsSpan("/calls/rtc_".Length)));
        foreach (var hidden in new[] { CallingAzure.CallId, "azureopenai", "default", "127.0.0.1", "assistant", "ada" })
            Assert.DoesNotContain(hidden, bytes, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Everything_that_is_sealed_comes_back()
    {
        var ids = new CallIds(new EphemeralDataProtectionProvider());
        var call = new Call
        {
            Cluster = "cluster",
            Destination = "west",
            Address = "https://west.example/",
            UpstreamId = "rtc_1",
            Profile = "assistant",
            Begun = DateTimeOffset.FromUnixTimeMilliseconds(1_900_000_000_123),
            Lease = new(long.MinValue + 7, [("atonce", UInt128.MaxValue - 5), ("intotal", UInt128.Zero)]),
        };

        var opened = ids.Open(ids.Seal(call, Caller.Anonymous), Caller.Anonymous)!;

        Assert.Equal(call.Lease.Calls, opened.Lease!.Calls);
        Assert.Equal(64 / 2, opened.Name.Length);
        Assert.Equal(call with { Lease = null }, opened with { Lease = null, Name = "" });
        Assert.Equal(call.Lease.Id, opened.Lease.Id);
    }

    private static IEnumerable<string> Forgeries(string id)
    {
        yield return "x";
        yield return "rtc_";
        yield return CallingAzure.CallId;
        yield return id[..^1];
        yield return id[..^4];
        yield return id[4..];
        yield return id + "A";
        yield return "rtc_" + new string('A', id.Length - 4);
        yield return "rtc_" + new string('A', 5000);
        yield return "rtc_%20!";
        for (var at = 4; at < id.Length - 1; at += 13)
            yield return id[..at] + (id[at] == 'A' ? 'B' : 'A') + id[(at + 1)..];
    }

    private static async Task ShouldNotExistAsync(Gateway gateway, string call, string? key)
    {
        using var asked = await gateway.AskAsync(call, key);
        await asked.ShouldFailAsync(404, "call_not_found");
        using var ended = await gateway.HangUpAsync(call, key);
        await ended.ShouldFailAsync(404, "call_not_found");
        using var sdk = await gateway.SendAsync(HttpMethod.Post, $"/openai/v1/realtime{call}/hangup", key);
        await sdk.ShouldFailAsync(404, "call_not_found");
    }

    private Gateway StartWithKeys() => Gateway.StartWith(_azure.Url, new Dictionary<string, string?>
    {
        ["Callers:Keys:ada:Hash"] = _ada.Hash,
        ["Callers:Keys:bob:Hash"] = _bob.Hash,
    });
}
