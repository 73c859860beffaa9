using System.Net;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Callers;
using RealtimeGateway.Limits;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Tests.Limits;

public sealed class PartitionTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("0.0.0.0", "::", false)]
    public void An_address_counts_by_itself_and_IPv6_by_its_64(string one, string other, bool together) => Assert.Equal(
        together, Partition.OfAddress(IPAddress.Parse(one)) == Partition.OfAddress(IPAddress.Parse(other)));

    [Theory]
    [InlineData("caller", "alice", "10.0.0.1", "alice", "10.0.0.2", true)]
    [InlineData("caller", "alice", "10.0.0.1", "bob", "10.0.0.1", false)]
    [InlineData("caller", "", "10.0.0.1", "", "10.0.0.2", false)]
    [InlineData("caller", "", "10.0.0.1", "", "10.0.0.1", true)]
    [InlineData("address", "alice", "10.0.0.1", "bob", "10.0.0.1", true)]
    [InlineData("global", "alice", "10.0.0.1", "bob", "10.0.0.2", true)]
    public void A_request_counts_by_its_caller_its_address_or_with_all(string by, string one, string oneAddress, string other, string otherAddress, bool together) =>
        Assert.Equal(together, Of(by, From(one, oneAddress)) == Of(by, From(other, otherAddress)));

    [Fact]
    public void Long_identities_differ_to_the_last_letter() => Assert.NotEqual(
        Of("caller", From(new string('a', 5000) + "1", "10.0.0.1")), Of("caller", From(new string('a', 5000) + "2", "10.0.0.1")));

    private static UInt128 Of(string by, HttpContext context) => Partition.Of(
        Enum.Parse<LimitBy>(by, ignoreCase: true), new RouteLimits([], "", System.Collections.Frozen.FrozenDictionary<string, SessionProfile>.Empty), context);

    private static DefaultHttpContext From(string identity, string address)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Features.Set(new Caller(identity, [], profiles: null, logKey: []));
        return context;
    }
}
