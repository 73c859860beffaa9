using System.Text;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Tests.Sessions;

public sealed class MintedSessionTests
{
    [Theory]
    [InlineData("""{"value":"ek_1","expires_at":7,"session":{"id":"sess_1","expires_at":0}}""")]
    [InlineData("""{"session":{"expires_at":9,"id":"sess_1","tools":[{"id":"tool","value":"x"}]},"expires_at":7,"value":"ek_1"}""")]
    [InlineData("""{"id":"sess_1","client_secret":{"value":"ek_1","expires_at":7}}""")]
    [InlineData("""{"client_secret":{"value":"ek_1","expires_at":7,"new":[1,{"a":null}]},"session":{"id":"sess_1"},"new":{"value":"no"}}""")]
    [InlineData("""{"value":"ek_1","expires_at":7,"session":{"id":"sess_1","client_secret":{"value":"ek_other","expires_at":1}},"client_secret":null}""")]
    [InlineData("""{"id":"sess_1","client_secret":{"value":"ek_1","expires_at":7},"expires_at":0}""")]
    [InlineData("""{"session":{"id":"sess_1"},"value":"ek_1","expires_at":7,"id":"cs_other"}""")]
    public void Both_shapes_and_whatever_surrounds_them_are_read(string json)
    {
        var minted = MintedSession.Read(Encoding.UTF8.GetBytes(json));

        Assert.NotNull(minted);
        Assert.Equal(("sess_1", "ek_1", 7), (minted.Id, minted.Secret.Value, minted.Secret.ExpiresAt));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<html></html>")]
    [InlineData("""{"value":"ek_1","expires_at":7,"session":{"id":"sess_1"}""")]
    [InlineData("""{"value":"ek_1","expires_at":7,"session":{"id":"sess_1"}} trailing""")]
    [InlineData("""{"value":"ek_1","expires_at":7}""")]
    [InlineData("""{"value":"ek_1","session":{"id":"sess_1"}}""")]
    [InlineData("""{"expires_at":7,"session":{"id":"sess_1"}}""")]
    [InlineData("""{"value":"","expires_at":7,"session":{"id":"sess_1"}}""")]
    [InlineData("""{"value":5,"expires_at":"7","session":{"id":"sess_1"}}""")]
    [InlineData("""{"value":"\ud800","expires_at":7,"session":{"id":"sess_1"}}""")]
    [InlineData("""{"value":"ek_1","expires_at":7,"session":"sess_1"}""")]
    public void Anything_else_is_no_session(string json) => Assert.Null(MintedSession.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void The_secret_does_not_show_itself()
    {
        var minted = MintedSession.Read("""{"value":"ek_1","expires_at":7,"session":{"id":"sess_1"}}"""u8);

        Assert.DoesNotContain("ek_1", $"{minted} {minted?.Secret}", StringComparison.Ordinal);
    }
}
