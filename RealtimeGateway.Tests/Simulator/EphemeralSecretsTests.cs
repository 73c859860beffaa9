using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Simulator.Credentials;

namespace RealtimeGateway.Tests.Simulator;

public class EphemeralSecretsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_issued_secret_is_found_until_it_expires()
    {
        var secrets = new EphemeralSecrets(_time);
        var issued = secrets.Issue("gpt-realtime", [], TimeSpan.FromSeconds(10));

        Assert.True(secrets.TryFind(issued.Value, out var found));
        Assert.Same(issued, found);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(secrets.TryFind(issued.Value, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ek_")]
    public void Nothing_else_is_found(string? value) => Assert.False(new EphemeralSecrets(_time).TryFind(value, out _));

    [Fact]
    public void Issuing_sweeps_what_has_expired_whatever_its_age()
    {
        var secrets = new EphemeralSecrets(_time);
        var lasting = secrets.Issue("gpt-realtime", [], TimeSpan.FromSeconds(600));
        secrets.Issue("gpt-realtime", [], TimeSpan.FromSeconds(10));
        secrets.Issue("gpt-realtime", [], TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromSeconds(30));
        secrets.Issue("gpt-realtime", [], TimeSpan.FromSeconds(10));

        Assert.Equal(2, secrets.Count);
        Assert.True(secrets.TryFind(lasting.Value, out _));
    }
}
