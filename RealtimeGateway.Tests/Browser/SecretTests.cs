using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Browser;

/// <summary>What becomes of the ephemeral secret in the browser. That it is nowhere in the DOM, the console or storage, every test of the page checks.</summary>
public sealed class SecretTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    [Fact]
    public async Task A_secret_that_expired_before_the_offer_is_explained_and_the_next_start_works()
    {
        var time = new ShiftingTime();
        await using var gateway = Gateway.StartOnSimulator(
            FreeAddress.Next(), services: services => services.AddSingleton<TimeProvider>(time));
        await using var page = await fixture.OpenPageOfAsync(gateway);
        page.ExpectOnConsole("401");
        await page.Page.RouteAsync("**/realtime/calls*", async route =>
        {
            time.Advance(TimeSpan.FromSeconds(61));
            await route.ContinueAsync();
        }, new() { Times = 1 });

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("secret_expired", "expired");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start again" }).ClickAsync();
        await page.ExpectStateAsync("live");
    }

    [Fact]
    public async Task A_secret_in_an_event_is_masked_in_the_log_and_in_what_is_saved()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartAsync();
        await page.Page.Locator(".log > summary").ClickAsync();

        await page.Page.EvaluateAsync("""
            () => {
              const channel = channels.at(-1);
              channel.onmessage({ data: JSON.stringify({ type: 'session.updated', session: { client_secret: { value: 'ek_0123456789' } } }) });
            }
            """);

        await Assertions.Expect(page.Page.Locator("#log > li").Filter(new() { HasText = "session.updated" })).ToContainTextAsync("ek…");
        var saved = await page.Page.RunAndWaitForDownloadAsync(() => page.Page.GetByRole(AriaRole.Button, new() { Name = "Save as JSON" }).ClickAsync());
        var log = await File.ReadAllTextAsync(await saved.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Contains("session.updated", log, StringComparison.Ordinal);
        Assert.Contains("response.create", log, StringComparison.Ordinal);
        Assert.DoesNotContain("ek_", log, StringComparison.Ordinal);
    }
}
