using System.Net;

namespace RealtimeGateway.Tests.Simulator;

public class CredentialTests
{
    public static TheoryData<string> MintPaths => [SimulatedAzure.Mint, SimulatedAzure.PreviewMint];

    [Theory]
    [InlineData("api-key", SimulatedAzure.Key)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Key)]
    [InlineData("Authorization", "bearer " + SimulatedAzure.Token)]
    public async Task A_known_credential_mints(string header, string value)
    {
        await using var azure = await SimulatedAzure.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await MintAsync(azure, SimulatedAzure.Mint, SimulatedAzure.GaBody, header, value)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await MintAsync(azure, SimulatedAzure.PreviewMint, SimulatedAzure.PreviewBody, header, value)).StatusCode);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData(SimulatedAzure.Token)]
    [InlineData("Simulator-Key")]
    public async Task A_wrong_key_is_refused_in_the_shape_of_the_front_door(string key)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        foreach (var path in MintPaths)
        {
            var response = await MintAsync(azure, path, SimulatedAzure.GaBody, "api-key", key);
            var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!.AsObject();

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal(["code", "message"], error.Select(member => member.Key));
            Assert.Equal("401", error["code"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("Basic " + SimulatedAzure.Key)]
    public async Task A_wrong_or_missing_token_is_refused_without_an_error_wrapper(string? authorization)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        foreach (var path in MintPaths) await AssertTokenRefusedAsync(await MintAsync(azure, path, "{}", "Authorization", authorization));
    }

    [Fact]
    public async Task An_ephemeral_secret_does_not_mint()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var secret = await azure.MintSecretAsync();

        await AssertTokenRefusedAsync(
            await MintAsync(azure, SimulatedAzure.Mint, SimulatedAzure.GaBody, "Authorization", $"Bearer {secret}"));
    }

    private static async Task AssertTokenRefusedAsync(HttpResponseMessage response)
    {
        var body = await SimulatedAzure.JsonOfAsync(response);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(["statusCode", "message"], body.Select(member => member.Key));
    }

    private static Task<HttpResponseMessage> MintAsync(SimulatedAzure azure, string path, string body, string header, string? value)
    {
        var request = SimulatedAzure.Post(path, body, key: null);
        if (value is not null) Assert.True(request.Headers.TryAddWithoutValidation(header, value));
        return azure.SendAsync(request);
    }
}
