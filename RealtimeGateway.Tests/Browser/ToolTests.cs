using Microsoft.Playwright;

namespace RealtimeGateway.Tests.Browser;

/// <summary>What the model does to the page when it is asked to.</summary>
public sealed class ToolTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    [Fact]
    public async Task The_background_is_changed_shown_confirmed_and_undone()
    {
        await using var page = await fixture.OpenAsync();
        var before = await page.StyleAsync("background-color");
        await page.StartAsync();

        await page.TypeAsync("make the background blue");

        await page.ExpectStyleAsync("background-color", "rgb(0, 0, 255)");
        await page.ExpectSaidAsync("I made the background blue.");
        await Assertions.Expect(page.Page.Locator("#transcript > li.tool")).ToContainTextAsync("changeBackgroundColor({\"color\":\"blue\"})");
        await Assertions.Expect(page.Page.Locator("#transcript > li.tool .result")).ToHaveTextAsync("""{"background":"blue"}""");
        await page.ExpectStyleAsync("color", "rgb(255, 255, 255)"); // dark text on it could not be read
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reset colours" }).ClickAsync();
        await page.ExpectStyleAsync("background-color", before);
    }

    [Fact]
    public async Task The_text_colour_is_what_was_asked_and_stands_on_what_it_can_be_read_on()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.TypeAsync("change the text colour to white");

        await page.ExpectStyleAsync("color", "rgb(255, 255, 255)");
        await Assertions.Expect(page.Page.Locator(".talk")).ToHaveCSSAsync("background-color", "rgb(0, 0, 0)");
        await page.ExpectSaidAsync("I made the text white.");
    }

    /// <summary>What is no colour by itself would take the paper away from under the text: the contrast is computed for something else.</summary>
    [Theory]
    [InlineData("blue", true)]
    [InlineData("  #336699 ", true)]
    [InlineData("color-mix(in srgb, red, blue)", true)]
    [InlineData("var(--ink)", false)]
    [InlineData("v\\61r(--ink)", false)]
    [InlineData("env(nothing)", false)]
    [InlineData("attr(data-state)", false)]
    [InlineData("--own()", false)]
    [InlineData("inheri\\74 ", false)]
    [InlineData("c\\75rrentcolor", false)]
    [InlineData("currentColor", false)]
    [InlineData("red; position: fixed", false)]
    [InlineData("url(https://evil.example)", false)]
    public async Task A_colour_is_one_by_itself(string value, bool isColour)
    {
        await using var page = await fixture.OpenAsync();

        Assert.Equal(isColour, await page.Page.EvaluateAsync<bool>("async (value) => (await import('/tools/colours.js')).isColour(value)", value));
    }

    [Fact]
    public async Task The_model_gets_the_markup_of_the_page_without_what_people_said_or_typed()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.Page.EvaluateAsync("() => document.querySelector('#log-text').setAttribute('value', 'my private filter')");

        await page.TypeAsync("what is on this page? my private words");

        await Assertions.Expect(page.Page.Locator("#transcript > li.tool .result")).ToContainTextAsync("Talk to the page.");
        var html = (await page.SentAsync("conversation.item.create")).Last(item => item.Contains("function_call_output", StringComparison.Ordinal));
        Assert.Contains("<h1", html, StringComparison.Ordinal);
        Assert.DoesNotContain("private", html, StringComparison.Ordinal);
        Assert.InRange(html.Length, 500, 20_000);
    }

    [Fact]
    public async Task Two_tools_in_one_response_are_both_answered_and_followed_by_one_response()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.TypeAsync("make the background black and the text yellow");

        await page.ExpectStyleAsync("background-color", "rgb(0, 0, 0)");
        await page.ExpectStyleAsync("color", "rgb(255, 255, 0)");
        await page.ExpectSaidAsync("yellow");
        Assert.Equal(2, (await page.SentAsync("conversation.item.create")).Count(item => item.Contains("function_call_output", StringComparison.Ordinal)));
        Assert.Equal(3, (await page.SentAsync("response.create")).Count); // the greeting, the words, the outputs
    }

    [Fact]
    public async Task An_unknown_tool_is_answered_with_an_error_that_the_model_can_talk_about()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();

        await page.TypeAsync("use an unknown tool");

        await Assertions.Expect(page.Page.Locator("#transcript > li.tool[data-ok=false] .result")).ToContainTextAsync("There is no tool");
        await Assertions.Expect(page.LastWords).ToContainTextAsync("did not work");
    }
}
