using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Browser;

/// <summary>The same page over what else the service speaks.</summary>
public sealed class ProtocolTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    [Fact]
    public async Task The_preview_protocol_leads_to_the_same_screen()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        var service = azure.Http.BaseAddress!;
        await using var gateway = Gateway.StartWith(service.AbsoluteUri, new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["AZURE_OPENAI_API_VERSION"] = "2025-04-01-preview",
            ["AZURE_OPENAI_WEBRTC_URL"] = new Uri(service, "/v1/realtimertc").AbsoluteUri,
        });
        gateway.Announce("deprecated");
        await using var page = await fixture.OpenPageOfAsync(gateway);
        await page.OpenPeerAsync(new Uri(service, "/peer/"));

        await page.StartAsync();
        await page.TypeAsync("make the background blue");

        await page.ExpectStyleAsync("background-color", "rgb(0, 0, 255)");
        await page.ExpectSaidAsync("I made the background blue.");
        await Assertions.Expect(page.Page.Locator("#transcript > li.you")).ToContainTextAsync("make the background blue");
        Assert.NotEmpty(await page.ReceivedAsync("response.audio_transcript.delta"));
        Assert.Empty(await page.ReceivedAsync("response.output_audio_transcript.delta"));
    }

    [Fact]
    public async Task The_reduced_event_set_is_enough_for_a_conversation()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/realtime/calls*", route => route.ContinueAsync(new() { Url = route.Request.Url + "?webrtcfilter=on" }));

        await page.StartAsync();
        await page.TypeAsync("Tell me a long story");
        await Assertions.Expect(page.Page.Locator("#transcript > li.model").Nth(1)).ToContainTextAsync("Once upon");
        await page.TypeAsync("thank you");

        await Assertions.Expect(page.Page.Locator("#transcript > li.model[data-done=true]").Nth(2)).ToBeVisibleAsync();
        Assert.Empty(await page.ReceivedAsync("session.created"));
        Assert.Empty(await page.ReceivedAsync("response.done"));
    }

    [Fact]
    public async Task The_chosen_voice_is_asked_for_at_every_start_also_where_there_is_no_peer_to_name()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        await using var gateway = Gateway.StartWith(azure.Http.BaseAddress!.AbsoluteUri, new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
        });
        await using var page = await fixture.OpenPageOfAsync(gateway);
        await page.OpenPeerAsync(new Uri(azure.Http.BaseAddress!, "/peer/"));
        await page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Voice", Exact = true }).SelectOptionAsync("cedar");

        for (var i = 0; i < 2; i++)
        {
            await page.StartAsync();
            await page.PressStopAsync();
        }

        var mints = azure.Received.All.Where(request => request.Path == SimulatedAzure.Mint).Select(request => request.Body).ToArray();
        Assert.Equal(2, mints.Length);
        Assert.All(mints, body => Assert.Contains("\"voice\":\"cedar\"", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_simulator_without_a_peer_says_how_to_open_one()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        await using var gateway = Gateway.StartWith(azure.Http.BaseAddress!.AbsoluteUri, new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
        });
        await using var page = await fixture.OpenPageOfAsync(gateway);
        page.ExpectOnConsole("503");
        await page.Page.Locator("#voice").SelectOptionAsync("cedar");

        var mint = await page.Page.RunAndWaitForRequestAsync(page.PressStartAsync, request => request.Url.Contains("/sessions", StringComparison.Ordinal));

        Assert.Contains("\"voice\":\"cedar\"", mint.PostData, StringComparison.Ordinal);
        await page.ExpectTroubleAsync("no_media_peer", new Uri(azure.Http.BaseAddress!, "/peer/").AbsoluteUri);
    }
}
