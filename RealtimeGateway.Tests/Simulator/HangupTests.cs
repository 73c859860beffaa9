using System.Net;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Simulator;

public class HangupTests
{
    [Theory]
    [InlineData("api-key", SimulatedAzure.Key)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Key)]
    [InlineData("Authorization", "Bearer " + SimulatedAzure.Token)]
    public async Task A_standing_credential_ends_the_call_with_an_empty_200(string header, string value)
    {
        await using var azure = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(await azure.BeginCallAsync()));
        request.Headers.Add(header, value);

        using var response = await azure.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var call = Assert.Single(await azure.CallsAsync());
        Assert.Equal(("ended", "hung_up"), ((string?)call["state"], (string?)call["ended"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ek_unknown")]
    public async Task Without_one_the_call_goes_on(string? authorization)
    {
        await using var azure = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(await azure.BeginCallAsync()));
        if (authorization is not null) request.Headers.Add("Authorization", authorization);

        using var response = await azure.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
    }

    [Fact]
    public async Task The_secret_of_the_call_does_not_do()
    {
        await using var azure = await StartAsync();
        var secret = await azure.MintSecretAsync();
        using var called = await azure.CallAsync(secret);
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(called.Headers.Location!.OriginalString.Split('/')[^1]));
        request.Headers.Authorization = new("Bearer", secret);

        Assert.Equal(HttpStatusCode.Unauthorized, (await azure.SendAsync(request)).StatusCode);
        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
    }

    [Fact]
    public async Task An_unknown_call_and_one_that_ended_are_not_found()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        Assert.Equal(HttpStatusCode.OK, (await azure.HangUpAsync(id)).StatusCode);

        foreach (var gone in new[] { id, "rtc_unknown" })
        {
            using var response = await azure.HangUpAsync(gone);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            var answer = await SimulatedAzure.JsonOfAsync(response);
            Assert.Equal("call_id_not_found", answer["error"]!["code"]!.GetValue<string>());
            Assert.Empty(await RealtimeSchemas.ViolationsAsync("ErrorResponse", answer));
        }
    }

    [Fact]
    public async Task An_api_version_is_refused()
    {
        await using var azure = await StartAsync();
        var request = SimulatedAzure.Post(PathOf(await azure.BeginCallAsync()) + "?api-version=" + SimulatedAzure.PreviewVersion, "", SimulatedAzure.Key);

        Assert.Equal(HttpStatusCode.BadRequest, (await azure.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task The_browsers_end_is_closed()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = azure.BeginCallAsync();
        await peer.AnswerAsync();
        var id = await calling;
        await peer.SendAsync(new() { ["type"] = "open" });
        Assert.Equal("session.created", await peer.EventAsync());

        await azure.HangUpAsync(id);

        Assert.Equal("closed", (string?)(await peer.ReceiveAsync())["type"]);
    }

    [Fact]
    public async Task The_browsers_leaving_ends_the_call()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = azure.BeginCallAsync();
        await peer.AnswerAsync();
        var id = await calling;

        peer.Dispose();

        await Eventually.ShouldAsync(async () => (string?)Assert.Single(await azure.CallsAsync())["ended"] == "peer_left");
        Assert.Equal(HttpStatusCode.NotFound, (await azure.HangUpAsync(id)).StatusCode);
    }

    [Fact]
    public async Task The_end_of_the_session_ends_the_call_though_no_data_channel_ever_opened()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { SessionSeconds = 60 });
        using var peer = await ScriptedPeer.ConnectAsync(azure);
        var calling = azure.BeginCallAsync();
        await peer.AnswerAsync();
        await calling;

        azure.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("closed", (string?)(await peer.ReceiveAsync())["type"]);
        var call = Assert.Single(await azure.CallsAsync());
        Assert.Equal(("expired", 60.0), ((string?)call["ended"], (double)call["seconds"]!));
    }

    [Fact]
    public async Task It_can_be_made_to_say_that_it_was_done_when_it_was_not()
    {
        await using var azure = await StartAsync();
        var id = await azure.BeginCallAsync();
        azure.Break(FaultEffect.Empty, FaultOperation.Hangup, times: 1);

        Assert.Equal(HttpStatusCode.OK, (await azure.HangUpAsync(id)).StatusCode);

        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
        Assert.Equal(HttpStatusCode.OK, (await azure.HangUpAsync(id)).StatusCode);
    }

    private static Task<SimulatedAzure> StartAsync() => SimulatedAzure.StartAsync(new() { CannedAnswers = true });

    private static string PathOf(string id) => $"{SimulatedAzure.Calls}/{id}/hangup";
}
