using System.Text.Json;
using Microsoft.Playwright;

namespace RealtimeGateway.Tests.Browser;

/// <summary>A call from Start to Stop, in a real browser over a real peer connection.</summary>
public sealed class CallTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    [Fact]
    public async Task Start_leads_to_a_live_call_in_which_the_model_is_heard()
    {
        await using var page = await fixture.OpenAsync();
        await page.PressStartAsync();
        await Assertions.Expect(page.Page.Locator("body[data-state=live]")).ToBeAttachedAsync(new() { Timeout = 5_000 });

        await page.Page.WaitForFunctionAsync("async () => { const inbound = await audio(); return inbound.bytesReceived > 4000 && inbound.totalAudioEnergy > 0.001; }");
        await Assertions.Expect(page.Page.Locator("#first-audio")).Not.ToHaveTextAsync("–");
    }

    [Fact]
    public async Task Stop_releases_the_microphone_the_channel_and_the_connection()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.PressStopAsync();

        await page.ExpectStateAsync("idle");
        Assert.Equal("closed", await page.ConnectionAsync<string>("connection.connectionState"));
        Assert.Equal(["ended"], await page.Page.EvaluateAsync<string[]>("() => microphones.map(track => track.readyState)"));
        Assert.Equal(0, await page.Page.Locator("iframe").CountAsync());
    }
}
