using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class CallerTests
{
    [Fact]
    public void Without_a_credential_a_request_is_of_the_one_anonymous_caller()
    {
        var caller = Caller.Of(new DefaultHttpContext());

        Assert.Same(Caller.Anonymous, caller);
        Assert.Equal((true, "", "anonymous"), (caller.IsAnonymous, caller.Identity, caller.LogName));
    }

    [Fact]
    public void A_name_in_logs_is_stable_and_depends_on_the_key_it_is_hashed_with()
    {
        var name = Named("key:web", "one").LogName;

        Assert.Matches("^[0-9a-f]{12}$", name);
        Assert.Equal(name, Named("key:web", "one").LogName);
        Assert.Equal(3, new[] { name, Named("key:web", "two").LogName, Named("key:app", "one").LogName }.Distinct().Count());
    }

    [Theory]
    [InlineData("one", null, "key:one")]
    [InlineData("ONE", "", "key:one")]
    [InlineData("one", "shop", "owner:shop")]
    public void Keys_of_one_owner_are_one_caller(string name, string? owner, string identity)
    {
        var key = CallersKey.New();
        var faults = new ConfigurationFaults();

        var keys = ApiKeys.Read(new Dictionary<string, ApiKeyCallerOptions> { [name] = new() { Hash = key.Hash, Owner = owner } }, [], [1], faults);

        Assert.Equal((identity, false), (keys.Find(key.Key, DateTimeOffset.UtcNow)?.Identity, faults.Any));
    }

    [Fact]
    public async Task A_token_is_known_by_issuer_and_subject()
    {
        await using var issuer = await Issuer.StartAsync();
        using var azure = new Azure();
        await using var gateway = Gateway.StartWith(azure.Url, issuer.Settings());

        var caller = await gateway.Snapshot().Gate.Schemes.FindAsync(
            issuer.Token(DateTimeOffset.UtcNow, "ada"), DateTimeOffset.UtcNow, TestContext.Current.CancellationToken);

        Assert.Equal($"jwt:{issuer.Url}|ada", caller?.Identity);
    }

    [Fact]
    public async Task A_caller_has_the_same_name_in_the_logs_of_every_replica_with_one_LogKey()
    {
        var key = CallersKey.New();
        var settings = new Dictionary<string, string?>
        {
            ["Callers:Keys:web:Hash"] = key.Hash,
            ["Callers:LogKey"] = "one secret for all replicas",
            ["Logging:LogLevel:RealtimeGateway"] = "Debug",
        };
        using var azure = new Azure();
        await using var one = Gateway.StartWith(azure.Url, settings);
        await using var two = Gateway.StartWith(azure.Url, settings);

        var lines = new[] { await LineAsync(one, key), await LineAsync(two, key) };

        var expected = Named("key:web", "one secret for all replicas").LogName;
        Assert.All(lines, line => Assert.EndsWith($" is from caller {expected}", line, StringComparison.Ordinal));
    }

    private static async Task<string> LineAsync(Gateway gateway, CallersKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/profiles") { Headers = { { "api-key", key.Key } } };
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return await gateway.WhenLoggedAsync(response.RequestId());
    }

    private static Caller Named(string identity, string logKey) =>
        new(identity, [], FrozenSet<string>.Empty, System.Text.Encoding.UTF8.GetBytes(logKey));
}
