using RealtimeGateway.Configuration;

namespace RealtimeGateway.Tests.Configuration;

/// <summary>What an operator pasted into the wrong place, and what stays readable.</summary>
public sealed class MaskTests
{
    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("aB3/dE5+gH7iJ9kL1/nO3pQ5rS7tU9vW1yZ2bC4dE6=")]
    [InlineData("aB3/dE5+gH7iJ9kL1/nO3pQ5rS7tU9vW1yZ2bC4dE6aB3/dE5+gH7iJ9kL1/nO3pQ5rS7tU9vW1yZ2bC4dE6A==")]
    public void A_key_leaves_nothing_of_itself(string key) => Assert.Equal("it is *** here", Redaction.Mask($"it is {key} here"));

    [Theory]
    [InlineData("sv=2030-01-01&sig=aB3dE5%2BgH7iJ9%3D&se=1", "aB3dE5")]
    [InlineData("Endpoint=https://one.example/;ApiKey=aB3dE5", "aB3dE5")]
    [InlineData("api-key=aB3dE5;Region=west", "aB3dE5")]
    [InlineData("access_token=aB3dE5", "aB3dE5")]
    [InlineData("Bearer aB3dE5.f", "aB3dE5")]
    [InlineData("basic dXNlcjp3b3Jk", "dXNlcjp3b3Jk")]
    public void A_secret_with_its_name_is_taken_out_however_short_it_is(string text, string secret) =>
        Assert.DoesNotContain(secret, Redaction.Mask(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("/openai/v1/realtime/client_secrets/2030-01-01")]
    [InlineData("https://one.example/openai/v1/realtime/calls")]
    [InlineData("is required; Bearer tokens are for Entra")]
    [InlineData("Redis:KeyPrefix")]
    public void What_is_no_secret_stays(string text) => Assert.Equal(text, Redaction.Mask(text));
}
