using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Browser;

/// <summary>The choice between a direct connection and one through the gateway.</summary>
public sealed class WayTests(PageFixture fixture) : IClassFixture<PageFixture>, IAsyncDisposable
{
    private const string Direct = "token";
    private const string Relay = "relay";

    private Gateway? _gateway;

    [Fact]
    public async Task The_profile_decides_until_the_person_does_and_each_profile_keeps_its_choice()
    {
        await using var page = await OpenAsync();
        await ExpectWayAsync(page, Direct);

        await Profile(page).SelectOptionAsync("quiet");
        await ExpectWayAsync(page, Relay);

        await Profile(page).SelectOptionAsync("assistant");
        await ExpectWayAsync(page, Direct);
        await page.Way.SelectOptionAsync("Through the gateway");
        await Profile(page).SelectOptionAsync("quiet");
        await Profile(page).SelectOptionAsync("assistant");
        await ExpectWayAsync(page, Relay);
    }

    [Fact]
    public async Task The_choice_holds_for_every_call_is_fixed_during_one_and_gone_with_the_page()
    {
        await using var page = await OpenAsync();
        await page.Way.SelectOptionAsync("Through the gateway");
        for (var i = 0; i < 2; i++)
        {
            var offer = await page.Page.RunAndWaitForRequestAsync(page.StartAsync, request => request.Method is "POST" && request.Url.StartsWith(Address, StringComparison.Ordinal));
            Assert.EndsWith("/calls?profile=assistant", offer.Url, StringComparison.Ordinal);
            await Assertions.Expect(page.Way).ToBeHiddenAsync();
            await page.PressStopAsync();
            await Assertions.Expect(page.Way).ToBeEnabledAsync();
            await ExpectWayAsync(page, Relay);
        }

        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Way).ToBeEnabledAsync();
        await ExpectWayAsync(page, Direct);
    }

    [Fact]
    public async Task What_would_have_no_effect_through_the_gateway_is_not_offered_and_comes_back_as_it_was()
    {
        await using var page = await OpenAsync();
        var voice = page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Voice", Exact = true });
        await voice.SelectOptionAsync("cedar");

        await page.Way.SelectOptionAsync("Through the gateway");

        await Assertions.Expect(voice).ToBeHiddenAsync();
        await Assertions.Expect(page.Way).ToHaveAccessibleDescriptionAsync("No secret comes to this page. The profile decides: gpt-realtime, voice marin.");
        await page.Way.SelectOptionAsync("Directly");
        await Assertions.Expect(voice).ToHaveValueAsync("cedar");
        await Assertions.Expect(page.Way).ToHaveAccessibleDescriptionAsync("This page gets a short-lived secret.");
    }

    [Fact]
    public async Task A_profile_that_refuses_direct_connections_says_so_and_the_next_start_goes_through_the_gateway()
    {
        await using var page = await OpenAsync();
        page.ExpectOnConsole("403");
        var direct = page.Way.GetByRole(AriaRole.Option, new() { Name = "Directly" });
        await Profile(page).SelectOptionAsync("quiet");
        await page.Way.SelectOptionAsync("Directly");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("relay_only", "does not take direct connections");
        await ExpectWayAsync(page, Relay);
        await Assertions.Expect(direct).ToHaveJSPropertyAsync("disabled", true);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start again" }).ClickAsync();
        await page.ExpectStateAsync("live");
        await page.PressStopAsync();
        await Profile(page).SelectOptionAsync("assistant");
        await Assertions.Expect(direct).ToHaveJSPropertyAsync("disabled", false);
    }

    [Fact]
    public async Task The_reduced_event_set_is_enough_for_a_conversation_by_voice_and_by_typing()
    {
        await using var page = await OpenAsync();
        await Profile(page).SelectOptionAsync("quiet");
        await page.StartAsync();

        await page.TypeAsync("Tell me a long story");
        await Assertions.Expect(page.Page.Locator("#transcript > li.model").Nth(1)).ToContainTextAsync(" ");
        await page.SpeakAsync();
        await Assertions.Expect(page.Page.Locator("#transcript > li.model").Nth(1)).ToHaveClassAsync("model interrupted");
        await Assertions.Expect(page.Page.Locator("#transcript > li.model[data-done=true]").Nth(2)).ToBeVisibleAsync();
        await page.TypeAsync("thank you");

        await Assertions.Expect(page.Page.Locator("#transcript > li.you")).ToContainTextAsync(["Tell me a long story", "Make the background blue.", "thank you"]);
        await Assertions.Expect(page.Page.Locator("#transcript > li.model[data-done=true]").Nth(3)).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.Locator("#transcript > li.notice")).ToHaveCountAsync(0);
        foreach (var hidden in new[] { "session.created", "session.updated", "response.created", "response.done", "error", "response.function_call_arguments.done" })
            Assert.Empty(await page.ReceivedAsync(hidden));
    }

    private string Address => _gateway!.Http.BaseAddress!.AbsoluteUri;

    /// <summary>The page of a gateway with two profiles: one of each way, and the relay's with fewer events.</summary>
    private Task<TalkingPage> OpenAsync() => fixture.OpenPageOfAsync(_gateway ??= Gateway.StartOnSimulator(FreeAddress.Next(), new Dictionary<string, string?>
    {
        ["Realtime:Profiles:quiet:Models:0"] = "gpt-realtime",
        ["Realtime:Profiles:quiet:Voices:0"] = "cedar",
        ["Realtime:Profiles:quiet:EventFilter"] = "true",
        ["Realtime:Profiles:quiet:Way"] = Relay,
    }));

    private static ILocator Profile(TalkingPage page) => page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Profile", Exact = true });

    private static Task ExpectWayAsync(TalkingPage page, string way) => Assertions.Expect(page.Way).ToHaveValueAsync(way);

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }
}
