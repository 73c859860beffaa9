using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Browser;

/// <summary>What a person is told when something is in the way, and that they can go on.</summary>
public sealed class TroubleTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    [Fact]
    public async Task A_refused_microphone_is_explained_and_one_can_go_on_by_typing()
    {
        await using var page = await fixture.OpenAsync(allowMicrophone: false);

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("microphone_refused", "Allow it for this page");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Go on without microphone" }).ClickAsync();
        await page.ExpectStateAsync("live");
        await page.TypeAsync("make the background blue");
        await page.ExpectSaidAsync("I made the background blue.");
    }

    [Fact]
    public async Task A_missing_microphone_is_told_apart()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.EvaluateAsync("() => navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('none', 'NotFoundError'); }");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("no_microphone", "Connect one");
    }

    [Fact]
    public async Task A_page_that_is_not_secure_says_what_would_be()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.EvaluateAsync("() => Object.defineProperty(window, 'isSecureContext', { value: false })");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("insecure", "https");
    }

    [Fact]
    public async Task A_limit_is_shown_with_the_seconds_to_wait()
    {
        // A gateway of its own: the destination is out for the seconds that it states, and a later test would meet them.
        var simulator = FreeAddress.Next();
        await using var gateway = Gateway.StartOnSimulator(simulator);
        await using var page = await fixture.OpenPageOfAsync(gateway);
        page.ExpectOnConsole("429");
        gateway.Announce("answered");
        await PageFixture.BreakAsync(simulator, """{"operation":"mint","effect":"status","status":429,"retryAfter":7,"times":1}""");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("upstream_rate_limited", "Try again in 7 s.");
    }

    [Fact]
    public async Task The_gateways_own_limit_is_shown_with_the_seconds_to_wait()
    {
        await using var gateway = Gateway.StartOnSimulator(FreeAddress.Next(), new Dictionary<string, string?> { ["Limits:sessions:Permits"] = "1" });
        await using var page = await fixture.OpenPageOfAsync(gateway);
        page.ExpectOnConsole("429");
        await page.StartAsync();
        await page.PressStopAsync();

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("rate_limit_exceeded", "The limit is reached. Try again in ");
        await Assertions.Expect(page.Page.Locator("#trouble-text")).ToHaveTextAsync(new Regex(@"in [1-9]\d? s\.$", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_gateway_that_is_away_is_told_apart()
    {
        await using var page = await fixture.OpenAsync();
        page.ExpectOnConsole("ERR_FAILED");
        await page.Page.RouteAsync("**/sessions*", route => route.AbortAsync());

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("unreachable", "cannot be reached");
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
    }

    [Fact]
    public async Task A_service_that_is_away_is_told_apart()
    {
        await using var page = await fixture.OpenAsync();
        page.ExpectOnConsole("ERR_FAILED");
        await page.Page.RouteAsync("**/realtime/calls*", route => route.AbortAsync());

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("service_unreachable", "firewall");
    }

    [Fact]
    public async Task Somebody_for_whom_there_is_no_profile_is_told_so_and_the_microphone_stays_off()
    {
        await using var gateway = Gateway.StartOnSimulator(FreeAddress.Next());
        await using var page = await fixture.OpenPageOfAsync(gateway);
        await page.Page.RouteAsync("**/profiles", route => route.FulfillAsync(new() { ContentType = "application/json", Body = """{"profiles":[]}""" }));
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Page.Locator("#status")).ToContainTextAsync("Ask the operator for a profile");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("no_profile", "Ask the operator for a profile");
        Assert.Empty(await page.MicrophonesAsync());
        await page.Page.UnrouteAsync("**/profiles");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start again" }).ClickAsync();
        await page.ExpectStateAsync("live");
    }

    [Fact]
    public async Task A_browser_without_WebRTC_is_told_apart_and_the_microphone_stays_off()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.EvaluateAsync("() => delete window.RTCPeerConnection");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("no_webrtc", "Use another one");
        Assert.Empty(await page.MicrophonesAsync());
    }

    [Theory]
    [InlineData("RTCPeerConnection.prototype.createDataChannel")]
    [InlineData("AudioContext.prototype.createMediaStreamSource")]
    public async Task Whatever_goes_wrong_at_the_beginning_leaves_nothing_running(string broken)
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.Clock.InstallAsync();
        await page.Page.EvaluateAsync($"() => {{ {broken} = function () {{ throw new Error('broken'); }}; }}");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("failed", "broken");
        var microphones = await page.MicrophonesAsync();
        Assert.NotEmpty(microphones);
        Assert.All(microphones, state => Assert.Equal("ended", state));
        await page.Page.Clock.FastForwardAsync(5000);
        await Assertions.Expect(page.Page.Locator("#elapsed")).ToHaveTextAsync("–");
    }
}
