using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

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
        await Assertions.Expect(page.Page.Locator("#elapsed")).ToHaveTextAsync(new Regex(@"^0:\d\d$", RegexOptions.None, TimeSpan.FromSeconds(1)));
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
    public async Task A_microphone_that_is_given_after_Stop_is_released_and_nothing_is_called()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.EvaluateAsync("""
            () => {
              const open = navigator.mediaDevices.getUserMedia;
              const allowed = new Promise((resolve) => (globalThis.allow = resolve));
              navigator.mediaDevices.getUserMedia = async (constraints) => allowed.then(() => open(constraints));
            }
            """);

        await page.PressStartAsync();
        await page.PressStopAsync();
        await page.ExpectStateAsync("idle");
        await page.Page.EvaluateAsync("() => allow()");

        await page.Page.WaitForFunctionAsync("() => microphones.length === 2 && microphones.every(track => track.readyState === 'ended')");
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => connections.length"));
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
        await Assertions.Expect(page.Page.Locator("#mute")).ToHaveTextAsync("Unmute");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Unmute" }).ClickAsync();
        Assert.True(await page.Page.EvaluateAsync<bool>("() => microphones.at(-1).enabled"));

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Mute" }).ClickAsync();
        await page.PressStopAsync();
        await page.StartAsync();
        Assert.True(await page.Page.EvaluateAsync<bool>("() => microphones.at(-1).enabled"));
        await Assertions.Expect(page.Page.Locator("#mute")).ToHaveTextAsync("Mute");
    }

    [Fact]
    public async Task A_new_call_begins_unmuted_and_says_so()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Mute" }).ClickAsync();
        await page.PressStopAsync();

        await page.StartAsync();

        Assert.True(await page.Page.EvaluateAsync<bool>("() => microphones.at(-1).enabled"));
        await Assertions.Expect(page.Page.Locator("#mute")).ToHaveTextAsync("Mute");
    }

    [Fact]
    public async Task Another_microphone_takes_over_during_a_call_stays_muted_and_the_first_one_is_released()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Mute" }).ClickAsync();
        await Assertions.Expect(page.Page.Locator("#microphone option")).Not.ToHaveCountAsync(1);
        var other = await page.Page.Locator("#microphone option").Last.GetAttributeAsync("value");

        await page.Page.GetByLabel("Microphone").SelectOptionAsync(other!);

        await page.Page.WaitForFunctionAsync("() => microphones[1].readyState === 'ended' && connections.at(-1).getSenders()[0].track === microphones[3]");
        Assert.Equal(["ended", "ended", "live", "live"], await page.MicrophonesAsync());
        Assert.Equal(other, await page.Page.EvaluateAsync<string>("() => microphones[2].getSettings().deviceId"));
        Assert.False(await page.Page.EvaluateAsync<bool>("() => microphones[3].enabled"));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Unmute" }).ClickAsync();
        await page.SpeakAsync();
        await page.PressStopAsync();
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
    }

    [Fact]
    public async Task Both_voices_and_the_connection_are_metered_until_the_end()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.Page.EvaluateAsync("() => speak(true)");

        await page.Page.WaitForFunctionAsync("() => document.querySelector('#level-you').value > 0.3");
        await page.Page.WaitForFunctionAsync("() => ['.round-trip', '.jitter'].every(line => document.querySelector(`#plot ${line}`).points.length > 2)");
        await Assertions.Expect(page.Page.Locator("#jitter")).ToContainTextAsync(" ms");
        await Assertions.Expect(page.Page.Locator("#loss")).ToContainTextAsync(" %");
        await page.PressStopAsync();
        await page.Page.WaitForFunctionAsync("() => [...document.querySelectorAll('meter')].every(meter => meter.value === 0)");
    }

    [Fact]
    public async Task A_session_that_reaches_its_end_says_so_and_Reconnect_begins_a_new_one()
    {
        await using var gateway = Gateway.StartOnSimulator(FreeAddress.Next(), new Dictionary<string, string?> { ["Simulator:SessionSeconds"] = "6" });
        await using var page = await fixture.OpenPageOfAsync(gateway);

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("closed", "The service ended the call.");
        await Assertions.Expect(page.Page.Locator("#transcript > li.notice")).ToContainTextAsync("Your session hit the maximum duration");
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reconnect" }).ClickAsync();
        await page.ExpectStateAsync("live");
    }

    [Fact]
    public async Task A_microphone_that_is_unplugged_is_told_of_and_the_call_goes_on()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.Page.EvaluateAsync("() => microphones.at(-1).dispatchEvent(new Event('ended'))");

        await Assertions.Expect(page.Page.Locator("#status")).ToContainTextAsync("The microphone is gone.");
        await page.ExpectStateAsync("live");
        await page.Page.GetByLabel("Microphone").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await Assertions.Expect(page.Page.Locator("#status")).ToHaveTextAsync("Live. Speak, or type.");
    }

    [Fact]
    public async Task A_microphone_that_cannot_be_opened_is_told_of_until_another_one_takes_over()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.Page.EvaluateAsync("""
            () => {
              const open = navigator.mediaDevices.getUserMedia;
              navigator.mediaDevices.getUserMedia = async () => {
                navigator.mediaDevices.getUserMedia = open;
                throw new DOMException('busy', 'NotReadableError');
              };
            }
            """);

        await page.Page.GetByLabel("Microphone").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await Assertions.Expect(page.Page.Locator("#status")).ToContainTextAsync("in use by another program");
        await page.Page.GetByLabel("Microphone").SelectOptionAsync(new SelectOptionValue { Index = 0 });

        await Assertions.Expect(page.Page.Locator("#status")).ToHaveTextAsync("Live. Speak, or type.");
    }

    [Fact]
    public async Task Microphones_that_come_and_go_during_a_call_are_listed_as_they_are_and_the_chosen_one_stays_chosen()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        var microphones = page.Page.Locator("#microphone option");
        var chosen = await microphones.Nth(1).GetAttributeAsync("value");
        await page.Page.GetByLabel("Microphone").SelectOptionAsync(chosen!);

        await page.Page.EvaluateAsync("""
            (chosen) => {
              const devices = navigator.mediaDevices;
              const added = { kind: 'audioinput', deviceId: 'added', label: 'One that was added' };
              const list = devices.enumerateDevices.bind(devices);
              devices.enumerateDevices = async () => [...(await list()).filter((device) => device.deviceId === chosen), added];
              devices.dispatchEvent(new Event('devicechange'));
            }
            """, chosen);

        await Assertions.Expect(microphones).ToHaveCountAsync(3);
        await Assertions.Expect(microphones.Last).ToHaveTextAsync("One that was added");
        await Assertions.Expect(page.Page.GetByLabel("Microphone")).ToHaveValueAsync(chosen!);
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
