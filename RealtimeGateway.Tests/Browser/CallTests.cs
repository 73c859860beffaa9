using Microsoft.Playwright;

namespace RealtimeGateway.Tests.Browser;

/// <summary>A call from Start to its end, in a real browser over a real peer connection.</summary>
public sealed class CallTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    [Fact]
    public async Task Start_leads_to_a_live_call_within_five_seconds_and_the_model_is_heard()
    {
        await using var page = await fixture.OpenAsync();

        await page.PressStartAsync();

        await Assertions.Expect(page.Page.Locator("body[data-state=live]")).ToBeAttachedAsync(new() { Timeout = 5_000 });
        await page.Page.WaitForFunctionAsync("async () => { const audio = await inbound(); return audio?.bytesReceived > 4000 && audio.totalAudioEnergy > 0.001; }");
        await page.Page.WaitForFunctionAsync("() => document.querySelector('#level-model').value > 0.3");
        await Assertions.Expect(page.Page.Locator("#first-audio")).ToContainTextAsync(" s");
        await Assertions.Expect(page.Page.Locator("#round-trip")).ToContainTextAsync(" ms");
        await Assertions.Expect(page.Page.Locator("#elapsed")).ToContainTextAsync("0:0");
    }

    [Fact]
    public async Task What_is_spoken_is_heard_shown_and_answered()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.SpeakAsync();

        await Assertions.Expect(page.Page.Locator("#transcript > li.you")).ToContainTextAsync("Make the background blue.");
        await page.ExpectStyleAsync("background-color", "rgb(0, 0, 255)");
        await page.ExpectSaidAsync("blue");
    }

    [Fact]
    public async Task Speaking_over_the_model_interrupts_it()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.TypeAsync("Tell me a long story");
        await Assertions.Expect(page.Page.Locator("#transcript > li.model").Nth(1)).ToContainTextAsync(" ");

        await page.SpeakAsync();

        await Assertions.Expect(page.Page.Locator("#transcript > li.model").Nth(1)).ToHaveClassAsync("model interrupted");
        await page.ExpectSaidAsync("blue");
    }

    [Fact]
    public async Task Stop_releases_the_microphone_the_channel_and_the_connection()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.PressStopAsync();

        await page.ExpectStateAsync("idle");
        Assert.Equal("closed", await page.Page.EvaluateAsync<string>("() => connections.at(-1).connectionState"));
        Assert.Equal(["ended", "ended"], await page.MicrophonesAsync());
        Assert.Equal(0, await page.Page.Locator("iframe").CountAsync());
    }

    [Fact]
    public async Task Stop_while_connecting_releases_the_microphone_and_nothing_comes_after()
    {
        await using var page = await fixture.OpenAsync();
        var minting = new TaskCompletionSource();
        await page.Page.RouteAsync("**/sessions*", async route =>
        {
            minting.SetResult();
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
            await route.ContinueAsync();
        });

        await page.PressStartAsync();
        await minting.Task.WaitAsync(TestContext.Current.CancellationToken);

        await page.ExpectStateAsync("idle");
        Assert.Equal(["ended", "ended"], await page.MicrophonesAsync());
        Assert.Equal(["closed"], await page.Page.EvaluateAsync<string[]>("() => connections.map(connection => connection.connectionState)"));
    }

    [Fact]
    public async Task A_call_can_be_started_and_stopped_again_and_again()
    {
        await using var page = await fixture.OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            await page.StartAsync();
            await page.PressStopAsync();
            await page.ExpectStateAsync("idle");
        }

        Assert.Equal(["closed", "closed", "closed"], await page.Page.EvaluateAsync<string[]>("() => connections.map(connection => connection.connectionState)"));
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
    }

    [Fact]
    public async Task Mute_silences_the_track_and_unmute_opens_it()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Mute" }).ClickAsync();
        Assert.False(await page.Page.EvaluateAsync<bool>("() => microphones.at(-1).enabled"));
        await Assertions.Expect(page.Page.Locator("#mute")).ToHaveAttributeAsync("aria-pressed", "true");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Unmute" }).ClickAsync();
        Assert.True(await page.Page.EvaluateAsync<bool>("() => microphones.at(-1).enabled"));

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Mute" }).ClickAsync();
        await page.PressStopAsync();
        await page.StartAsync();
        Assert.True(await page.Page.EvaluateAsync<bool>("() => microphones.at(-1).enabled"));
        await Assertions.Expect(page.Page.Locator("#mute")).ToHaveTextAsync("Mute");
    }

    [Fact]
    public async Task A_connection_that_is_lost_ends_clearly_and_Reconnect_begins_a_new_one()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        // The model's end is gone, without a goodbye.
        await page.Page.EvaluateAsync("() => document.querySelector('iframe').remove()");

        await Assertions.Expect(page.Page.Locator("#trouble")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reconnect" }).ClickAsync();
        await page.ExpectStateAsync("live");
    }
}
