using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Browser;

/// <summary>The page in front of a gateway that serves known callers only.</summary>
public sealed class CredentialTests(PageFixture fixture) : IClassFixture<PageFixture>, IAsyncDisposable
{
    private readonly CallersKey _key = CallersKey.New();
    private Gateway? _gateway;

    private Gateway Closed => _gateway ??= Gateway.StartOnSimulator(
        FreeAddress.Next(), new Dictionary<string, string?> { ["Callers:Keys:web:Hash"] = _key.Hash });

    [Fact]
    public async Task The_person_is_asked_once_told_of_a_refusal_and_let_in_with_the_right_key()
    {
        await using var page = await fixture.OpenClosedPageAsync(Closed);
        page.ExpectOnConsole("401");
        var field = page.Page.GetByLabel("Access key or token");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("known callers only");

        await field.FillAsync("rgk_wrong");
        await field.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("was refused");
        await field.FillAsync(_key.Key);
        await field.PressAsync("Enter");

        await Assertions.Expect(page.Page.Locator("#voice option").First).ToBeAttachedAsync();
        await page.StartAsync();
        await page.PressStopAsync();
        await page.StartAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await page.AssertNowhereAsync(_key.Key);
    }

    [Fact]
    public async Task Who_gives_none_is_told_what_is_missing_and_asked_again_at_the_next_start()
    {
        await using var page = await fixture.OpenClosedPageAsync(Closed);
        page.ExpectOnConsole("401");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Page.Locator("#status")).ToContainTextAsync("who you are");

        await page.PressStartAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_host_page_can_provide_it_and_nobody_is_asked()
    {
        await using var page = await fixture.OpenClosedPageAsync(Closed, $$"""
            document.addEventListener('credentialrequired', (event) => event.detail.provide(Promise.resolve('{{_key.Key}}')));
            """);
        page.ExpectOnConsole("401"); // the request that found out

        await Assertions.Expect(page.Page.Locator("#voice option").First).ToBeAttachedAsync();
        await page.StartAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }
}
