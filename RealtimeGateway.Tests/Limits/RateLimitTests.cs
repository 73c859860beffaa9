using System.Net;
using RealtimeGateway.Limits;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Limits;

public sealed class RateLimitTests
{
    [Fact]
    public async Task A_caller_over_the_limit_is_told_when_to_come_back_and_never_reaches_Azure()
    {
        using var azure = new Azure();
        azure.Mints();
        await using var gateway = Gateway.StartWith(azure.Url, new Dictionary<string, string?> { ["Limits:sessions:Permits"] = "2" });

        using var first = await gateway.MintAsync();
        using var second = await gateway.MintAsync();
        using var third = await gateway.MintAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        await third.ShouldFailAsync(429, "rate_limit_exceeded");
        Assert.InRange(third.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(2, azure.Requests);
    }

    [Fact]
    public async Task The_shipped_limit_is_sixty_a_minute()
    {
        await using var gateway = Gateway.Start(new Dictionary<string, string?> { ["Simulator:Url"] = "http://127.0.0.1:0" });

        Assert.Equal(new RateRule("sessions", 60, TimeSpan.FromMinutes(1)), gateway.Snapshot().Settings["sessions"].Limit);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("0.0.0.0", "::", false)]
    public void An_address_counts_by_itself_and_IPv6_by_its_64(string one, string other, bool together) => Assert.Equal(
        together, RateLimitExtensions.NetworkOf(IPAddress.Parse(one)) == RateLimitExtensions.NetworkOf(IPAddress.Parse(other)));
}
