using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Browser;

/// <summary>The page calls through the gateway: it never holds a secret, and whoever may end the call can.</summary>
public sealed partial class RelayTests(PageFixture fixture) : IClassFixture<PageFixture>, IAsyncDisposable
{
    private readonly string _simulator = FreeAddress.Next();
    private readonly CallersKey _key = CallersKey.New();
    private Gateway? _gateway;
    private HttpClient? _http;

    [Fact]
    public async Task No_secret_comes_to_the_browser_by_whatever_it_sends_gets_says_or_keeps()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());

        await page.StartAsync();
        await page.SpeakAsync();
        await page.ExpectStyleAsync("background-color", "rgb(0, 0, 255)");
        await page.TypeAsync("change the text colour to white");
        await page.ExpectSaidAsync("I made the text white.");

        var all = await EverythingOfAsync(page);
        Assert.Contains("/calls?profile=assistant", all, StringComparison.Ordinal);
        Assert.DoesNotContain(await SecretOfTheCallAsync(), all, StringComparison.Ordinal);
        Assert.DoesNotMatch(Secret(), all);
        Assert.DoesNotContain(SimulatedAzure.Key, all, StringComparison.Ordinal);
        Assert.DoesNotContain("\"webrtc_url\"", all, StringComparison.Ordinal);
        Assert.DoesNotContain("/sessions?", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_secret_does_come_to_the_browser_the_same_look_finds_it()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        await page.Way.SelectOptionAsync("Directly");

        await page.StartAsync();

        var all = await EverythingOfAsync(page);
        Assert.Contains(await SecretOfTheCallAsync(), all, StringComparison.Ordinal);
        Assert.Matches(Secret(), all);
        Assert.Contains("\"webrtc_url\"", all, StringComparison.Ordinal);
        Assert.Contains("/sessions?", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_ends_the_call_ends_it_on_the_page_and_Reconnect_begins_another()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        var call = await BeginAsync(page);

        Assert.Equal(204, await Relaying().HangUpAsync(call).StatusAsync());

        await page.ExpectTroubleAsync("closed", "The service ended the call.");
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Reconnect" }).ClickAsync();
        await page.ExpectStateAsync("live");
        Assert.Equal(["ended", "live"], await StatesAsync());
    }

    [Fact]
    public async Task Stop_hangs_up()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        var call = await BeginAsync(page);

        await page.PressStopAsync();

        await page.ExpectStateAsync("idle");
        await ShouldBeEndedAsync(call);
        Assert.Equal(["ended"], await StatesAsync());
    }

    [Fact]
    public async Task Stop_while_the_answer_is_on_its_way_leaves_no_call()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        await PageFixture.BreakAsync(_simulator, """{"operation":"calls","effect":"late","delayMs":1500,"times":1}""");
        await page.PressStartAsync();
        await Eventually.ShouldAsync(async () => (await StatesAsync()) is ["live"]);

        await page.PressStopAsync();

        await page.ExpectStateAsync("idle");
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
        await Eventually.ShouldAsync(async () => (await StatesAsync()) is ["ended"]);
    }

    [Fact]
    public async Task An_answer_that_the_browser_cannot_use_is_hung_up()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        await page.Page.EvaluateAsync("() => RTCPeerConnection.prototype.setRemoteDescription = async () => { throw new DOMException('no answer', 'InvalidAccessError'); }");

        var call = await LocationAfterAsync(page, page.PressStartAsync);

        await page.ExpectTroubleAsync("failed", "could not be set up");
        await ShouldBeEndedAsync(call);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_the_tab_or_leaving_the_page_hangs_up(bool isClosed)
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        var call = await BeginAsync(page);

        if (isClosed)
            await page.CloseAsync();
        else
            await page.Page.GotoAsync(new Uri(Relaying().Http.BaseAddress!, "/health").AbsoluteUri);

        await ShouldBeEndedAsync(call);
    }

    [Fact]
    public async Task A_hang_up_that_fails_leaves_the_person_alone()
    {
        await using var page = await fixture.OpenPageOfAsync(Relaying());
        page.ExpectOnConsole("ERR_FAILED");
        var call = await BeginAsync(page);
        await page.Page.RouteAsync("**/calls/rtc_*", route => route.AbortAsync());

        await page.Page.RunAndWaitForRequestAsync(page.PressStopAsync, request => request.Method is "DELETE" && request.Url.EndsWith(call, StringComparison.Ordinal));

        await page.ExpectStateAsync("idle");
        await page.StartAsync();
    }

    [Fact]
    public async Task A_page_that_carries_a_callers_credential_hangs_up_with_it()
    {
        await using var page = await OpenKnownAsync();
        var call = await BeginAsync(page);

        await page.PressStopAsync();

        await ShouldBeEndedAsync(call, _key.Key);
        await page.AssertNowhereAsync(_key.Key);
    }

    [Fact]
    public async Task A_credential_that_has_expired_is_asked_for_when_the_call_begins()
    {
        await using var page = await OpenKnownAsync();
        await page.Page.RouteAsync("**/calls?*", route => route.FulfillAsync(new() { Status = 401 }), new() { Times = 1 });

        await page.StartAsync();

        Assert.Equal(2, await page.Page.EvaluateAsync<int>("() => asked"));
    }

    [Fact]
    public async Task A_call_too_many_is_told_with_the_seconds_to_wait_and_a_hang_up_makes_room()
    {
        var gateway = Relaying(new() { ["Limits:sessionsatonce:Permits"] = "1" });
        await using var first = await fixture.OpenPageOfAsync(gateway);
        await using var second = await fixture.OpenPageOfAsync(gateway);
        second.ExpectOnConsole("429");
        var call = await BeginAsync(first);

        await second.PressStartAsync();

        await second.ExpectTroubleAsync("too_many_calls", "Too many calls are under way. End another one, or try again in ");
        await first.PressStopAsync();
        await ShouldBeEndedAsync(call);
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Start again" }).ClickAsync();
        await second.ExpectStateAsync("live");
    }

    [Fact]
    public async Task A_service_in_trouble_is_told_in_the_pages_words()
    {
        var gateway = Relaying();
        gateway.Announce("500");
        await using var page = await fixture.OpenPageOfAsync(gateway);
        page.ExpectOnConsole("502");
        await PageFixture.BreakAsync(_simulator, """{"operation":"calls","effect":"status","status":500,"times":1}""");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("upstream_unavailable", "The service is in trouble.");
        Assert.All(await page.MicrophonesAsync(), state => Assert.Equal("ended", state));
    }

    [Fact]
    public async Task A_model_of_the_preview_protocol_takes_no_calls_but_direct_ones()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        await using var gateway = Gateway.StartWith(azure.Url, new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["AZURE_OPENAI_API_VERSION"] = SimulatedAzure.PreviewVersion,
            ["AZURE_OPENAI_WEBRTC_URL"] = new Uri(azure.Http.BaseAddress!, "/v1/realtimertc").AbsoluteUri,
        });
        gateway.Announce("deprecated");
        await using var page = await fixture.OpenPageOfAsync(gateway);
        page.ExpectOnConsole("503");
        await page.Way.SelectOptionAsync("Through the gateway");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("no_destination", "choose the other way to connect");
    }

    /// <summary>A gateway on a simulator of its own, whose profile is for the relay.</summary>
    private Gateway Relaying(Dictionary<string, string?>? settings = null) => _gateway ??= Gateway.StartOnSimulator(
        _simulator, new Dictionary<string, string?>(settings ?? []) { ["Realtime:Profiles:assistant:Way"] = "relay" });

    /// <summary>A page of a gateway that knows its callers by key, in a page that signs them in.</summary>
    private async Task<TalkingPage> OpenKnownAsync()
    {
        var page = await fixture.OpenClosedPageAsync(Relaying(new() { ["Callers:Keys:web:Hash"] = _key.Hash }), $$"""
            globalThis.asked = 0;
            document.addEventListener('credentialrequired', (event) => {
              asked++;
              event.detail.provide('{{_key.Key}}');
            });
            """);
        page.ExpectOnConsole("401");
        await Assertions.Expect(page.Page.Locator("#voice option").First).ToBeAttachedAsync();
        return page;
    }

    private static Task<string> BeginAsync(TalkingPage page) => LocationAfterAsync(page, page.StartAsync);

    private static async Task<string> LocationAfterAsync(TalkingPage page, Func<Task> start) =>
        (await page.Page.RunAndWaitForResponseAsync(start, response => response.Url.Contains("/calls?", StringComparison.Ordinal))).Headers["location"];

    private Task ShouldBeEndedAsync(string call, string? key = null) => Eventually.ShouldAsync(async () =>
    {
        using var response = await Relaying().AskAsync(call, key);
        return (string?)(await SimulatedAzure.JsonOfAsync(response))["state"] is "ended";
    });

    private async Task<string[]> StatesAsync() =>
        [.. (await AskSimulatorAsync("calls"))["calls"]!.AsArray().Select(call => (string)call!["state"]!)];

    /// <summary>The secret that the service was shown with the offer.</summary>
    private async Task<string> SecretOfTheCallAsync()
    {
        var requests = (await AskSimulatorAsync("requests"))["requests"]!.AsArray();
        var offer = Assert.Single(requests, request => (string?)request!["path"] == SimulatedAzure.Calls && (string?)request["method"] == "POST");
        var authorization = offer!["headers"]!.AsObject().Single(header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
        return Secret().Match((string)authorization.Value!).Value;
    }

    private async Task<JsonNode> AskSimulatorAsync(string what)
    {
        _http ??= new() { BaseAddress = new(_simulator) };
        using var response = await _http.GetAsync($"/simulator/{what}", TestContext.Current.CancellationToken);
        return await SimulatedAzure.JsonOfAsync(response);
    }

    /// <summary>What the tab exchanged with anybody, by whichever means, and what it shows and keeps.</summary>
    private static async Task<string> EverythingOfAsync(TalkingPage page) => string.Join('\n',
        await page.Traffic.ReadAsync(), await page.Page.EvaluateAsync<string>("() => [...sent, ...received].join('\\n')"), await page.ReadAsync());

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    // The page's own source holds a pattern for secrets, which is none.
    [GeneratedRegex("ek_[0-9a-f]{32}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret();
}
