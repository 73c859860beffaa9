using System.Net;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Browser;

/// <summary>What a real browser makes of the simulator's calls.</summary>
public sealed class SimulatedCallTests(PageFixture fixture, Chromium chromium) : IClassFixture<PageFixture>
{
    private const string MakeOffer = """
        async () => {
          globalThis.connection = new RTCPeerConnection();
          connection.addTransceiver('audio');
          connection.createDataChannel('oai-events');
          await connection.setLocalDescription();
          return connection.localDescription.sdp;
        }
        """;

    [Fact]
    public async Task A_hang_up_ends_the_call_on_the_page()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{SimulatedAzure.Calls}/{await LiveCallAsync()}/hangup");
        request.Headers.Add("api-key", SimulatedAzure.Key);
        using var response = await fixture.Simulator.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await page.ExpectTroubleAsync("closed", "The service ended the call.");
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
    }

    [Fact]
    public async Task A_canned_answer_is_one_that_a_browser_takes()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        using var response = await azure.CallAsync(await azure.MintSecretAsync(), await page.EvaluateAsync<string>(MakeOffer));
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var states = await page.EvaluateAsync<string[]>("""
            async (sdp) => {
              await connection.setRemoteDescription({ type: 'answer', sdp });
              const { signalingState, currentRemoteDescription } = connection;
              const [{ currentDirection, mid }] = connection.getTransceivers();
              connection.close();
              return [signalingState, currentRemoteDescription.type, currentDirection, mid];
            }
            """, answer);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(["stable", "answer", "sendrecv", "0"], states);
    }

    private async Task<string> LiveCallAsync()
    {
        using var response = await fixture.Simulator.GetAsync("/simulator/calls", TestContext.Current.CancellationToken);
        var calls = (await SimulatedAzure.JsonOfAsync(response))["calls"]!.AsArray();
        return (string)Assert.Single(calls, call => (string?)call!["state"] == "live")!["id"]!;
    }
}
