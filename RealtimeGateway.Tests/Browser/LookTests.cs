using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Browser;

/// <summary>The page as it is seen, read and operated: light, dark, on a phone, by keyboard. Leaves a picture of each in <c>artifacts</c>.</summary>
public sealed class LookTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    private static readonly string Pictures = Path.Combine(Repository.Root, "artifacts", "screenshots");

    public static TheoryData<string, int, int, ColorScheme> Looks => new()
    {
        { "light", 1200, 860, ColorScheme.Light },
        { "dark", 1200, 860, ColorScheme.Dark },
        { "phone", 360, 740, ColorScheme.Light },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task The_page_has_no_serious_accessibility_fault_and_fits(string name, int width, int height, ColorScheme scheme)
    {
        await using var page = await fixture.OpenAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, ReducedMotion = ReducedMotion.NoPreference });
        await ExpectSoundAsync(page);

        await page.StartAsync();
        await page.WhenSilentAsync();
        await page.Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}.png") });
        await page.TypeAsync("make the background lavender");
        await page.ExpectSaidAsync("I changed the background colour.");
        await page.Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}-asked.png") });

        await ExpectSoundAsync(page);
        await page.TypeAsync("make the background blue and the text yellow");
        await page.ExpectStyleAsync("color", "rgb(255, 255, 0)");
        await page.ExpectSaidAsync("yellow");
        await ExpectSoundAsync(page);
    }

    [Fact]
    public async Task A_call_can_be_made_by_keyboard_alone()
    {
        await using var page = await fixture.OpenAsync();
        var keyboard = page.Page.Keyboard;
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).FocusAsync();

        await keyboard.PressAsync("Enter");
        await page.ExpectStateAsync("live");
        await Assertions.Expect(page.Words).ToBeFocusedAsync();
        await keyboard.TypeAsync("make the background blue");
        await keyboard.PressAsync("Enter");
        await page.ExpectSaidAsync("I made the background blue.");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).FocusAsync();
        await keyboard.PressAsync("Enter");

        await page.ExpectStateAsync("idle");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_screen_reader_hears_whole_turns()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.TypeAsync("make the background blue");

        await Assertions.Expect(page.Page.Locator("[aria-live=polite]#announcer")).ToHaveTextAsync("Model: I made the background blue.");
    }

    [Fact]
    public async Task Who_asked_for_less_motion_gets_no_moving_line()
    {
        await using var page = await fixture.OpenAsync(new() { ReducedMotion = ReducedMotion.Reduce });

        await Assertions.Expect(page.Page.Locator(".line")).ToBeHiddenAsync();
        await Assertions.Expect(page.Page.Locator("body")).ToHaveCSSAsync("transition-property", "none");
    }

    [Fact]
    public async Task The_event_log_is_filtered_by_type_and_direction()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.Page.Locator(".log > summary").ClickAsync();
        var rows = page.Page.Locator("#log > li");

        await page.Page.GetByLabel("Filter by type").FillAsync("response.create");
        await page.Page.GetByLabel("Direction").SelectOptionAsync("sent");

        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows).ToContainTextAsync("↑ response.create");
    }

    private static async Task ExpectSoundAsync(TalkingPage page)
    {
        // Colours fade into each other; what counts is where they arrive.
        await page.Page.EvaluateAsync("() => Promise.all(document.getAnimations().map(animation => animation.finished))");
        var result = await page.Page.RunAxe();
        Assert.Empty(result.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"));
    }
}
