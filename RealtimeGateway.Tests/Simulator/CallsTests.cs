using System.Net;

namespace RealtimeGateway.Tests.Simulator;

public class CallsTests
{
    [Fact]
    public async Task An_offer_without_a_media_peer_is_told_how_to_open_one()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.CallAsync(await azure.MintSecretAsync());
        var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("no_media_peer", error["code"]!.GetValue<string>());
        Assert.Equal("server_error", error["type"]!.GetValue<string>());
        Assert.Contains($"Open {azure.Http.BaseAddress}peer/ in a browser", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_may_be_used_again()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var secret = await azure.MintSecretAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await azure.CallAsync(secret)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await azure.CallAsync(secret)).StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ek_unknown")]
    [InlineData(SimulatedAzure.Key)]
    [InlineData(SimulatedAzure.Token)]
    public async Task Anything_but_an_issued_secret_is_refused(string? secret)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.CallAsync(secret);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(401, (await SimulatedAzure.JsonOfAsync(response))["statusCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_secret_is_refused_from_the_announced_second_on()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());
        var secret = answer["value"]!.GetValue<string>();
        var expiry = DateTimeOffset.FromUnixTimeSeconds(answer["expires_at"]!.GetValue<long>());

        azure.Time.SetUtcNow(expiry.AddTicks(-1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await azure.CallAsync(secret)).StatusCode);
        azure.Time.SetUtcNow(expiry);
        Assert.Equal(HttpStatusCode.Unauthorized, (await azure.CallAsync(secret)).StatusCode);
    }

    [Theory]
    [InlineData("application/json", SimulatedAzure.Offer, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", SimulatedAzure.Offer, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/sdp", "", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", "hello", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", " v=0", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp; charset=utf-8", SimulatedAzure.Offer, HttpStatusCode.ServiceUnavailable)]
    public async Task Only_an_offer_is_accepted(string contentType, string offer, HttpStatusCode status)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.CallAsync(await azure.MintSecretAsync(), offer, contentType);

        Assert.Equal(status, response.StatusCode);
        Assert.NotNull((await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]);
    }
}
