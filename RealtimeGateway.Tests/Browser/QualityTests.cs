using System.Globalization;
using Microsoft.Playwright;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Browser;

/// <summary>What the page reports about its calls, as Prometheus reads it, and what becomes of the call when nobody takes the report.</summary>
[Collection(nameof(Alone))]
public sealed class QualityTests(PageFixture fixture) : IClassFixture<PageFixture>, IAsyncDisposable
{
    private const string Reports = "**/telemetry/webrtc";

    private Gateway? _gateway;

    [Theory]
    [InlineData("Directly", "token")]
    [InlineData("Through the gateway", "relay")]
    public async Task A_call_is_reported_every_ten_seconds_and_its_outcome_in_the_end(string choice, string way)
    {
        await using var page = await OpenAsync();
        await page.Way.SelectOptionAsync(choice);
        await StartMeasuredAsync(page);

        for (var i = 0; i < 2; i++)
            await TenSecondsLaterAsync(page, untilAnswered: true);
        await page.PressStopAsync();

        await Open().ShowsAsync(Outcome("connected", way));
        var metrics = await Open().ScrapeAsync();
        var labels = $$"""profile="assistant",way="{{way}}"} """;
        foreach (var figure in new[] { "round_trip_seconds", "jitter_seconds" })
            Assert.InRange(Value(metrics, $$"""realtime_gateway_webrtc_{{figure}}_count{{{labels}}"""), 2, 3); // the end may bring one more
        Assert.InRange(Value(metrics, $$"""realtime_gateway_webrtc_loss_count{{{labels}}"""), 1, 3);
        Assert.Equal(1, Value(metrics, $$"""realtime_gateway_webrtc_time_to_first_audio_seconds_count{{{labels}}"""));
        foreach (var direction in new[] { "received", "sent" })
            Assert.InRange(Value(metrics, $$"""realtime_gateway_webrtc_bitrate_bit_per_second_sum{direction="{{direction}}",{{labels}}"""), 1, double.MaxValue);
    }

    [Theory]
    [InlineData("Directly", "token")]
    [InlineData("Through the gateway", "relay")]
    public async Task A_connection_that_never_came_has_failed(string choice, string way)
    {
        await using var page = await OpenAsync();
        await page.Way.SelectOptionAsync(choice);
        await page.Page.EvaluateAsync("() => RTCPeerConnection.prototype.setRemoteDescription = async () => { throw new DOMException('no answer', 'InvalidAccessError'); }");

        await page.PressStartAsync();

        await page.ExpectTroubleAsync("failed", "could not be set up");
        await Open().ShowsAsync(Outcome("failed", way));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_the_tab_or_leaving_the_page_tells_the_outcome(bool isClosed)
    {
        await using var page = await OpenAsync();
        await page.StartAsync();

        if (isClosed)
            await page.CloseAsync();
        else
            await page.Page.GotoAsync(new Uri(Open().Http.BaseAddress!, "/health").AbsoluteUri);

        await Open().ShowsAsync(Outcome("connected", "token"));
    }

    [Theory]
    [InlineData(404, 1)] // left alone from then on
    [InlineData(429, 3)]
    [InlineData(0, 3)] // does not arrive
    public async Task A_report_that_nobody_takes_leaves_the_call_and_the_person_alone(int status, int sent)
    {
        await using var page = await OpenAsync();
        page.ExpectOnConsole("/telemetry/webrtc"); // the browser's own line
        var count = 0;
        await page.Page.RouteAsync(Reports, route =>
        {
            count++;
            return status == 0 ? route.AbortAsync() : route.FulfillAsync(new() { Status = status });
        });
        await StartMeasuredAsync(page);

        if (status == 404)
        {
            await TenSecondsLaterAsync(page, untilAnswered: true); // what the page is to remember
            await page.Page.Clock.FastForwardAsync(10_000);
        }
        else
        {
            await TenSecondsLaterAsync(page, untilAnswered: false);
            await TenSecondsLaterAsync(page, untilAnswered: false);
        }

        await page.TypeAsync("make the background blue");
        await page.ExpectStyleAsync("background-color", "rgb(0, 0, 255)");
        await page.PressStopAsync();
        await page.ExpectStateAsync("idle");
        await StartMeasuredAsync(page);

        Assert.Equal(sent, count);
        await Assertions.Expect(page.Page.Locator("#trouble")).ToBeHiddenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }

    private Gateway Open() => _gateway ??= Gateway.StartOnSimulator(FreeAddress.Next());

    private async Task<TalkingPage> OpenAsync()
    {
        var page = await fixture.OpenPageOfAsync(Open());
        await page.Page.Clock.InstallAsync();
        return page;
    }

    /// <summary>Starts a call and waits until its quality is shown, and there is more to tell.</summary>
    private static async Task StartMeasuredAsync(TalkingPage page)
    {
        await page.StartAsync();
        await Assertions.Expect(page.Page.Locator("#verdict")).Not.ToBeEmptyAsync();
        // Bitrates are told of more than a second, by the browser's clock.
        var shown = await NowAsync();
        await Eventually.ShouldAsync(async () => await NowAsync() > shown + 1500);

        Task<double> NowAsync() => page.Page.EvaluateAsync<double>("async () => (await inbound()).timestamp");
    }

    /// <summary>Lets ten seconds pass, and waits until the page has sent the report of them, or has its answer.</summary>
    private static Task TenSecondsLaterAsync(TalkingPage page, bool untilAnswered)
    {
        return untilAnswered ? page.Page.RunAndWaitForResponseAsync(PassAsync, Reports) : page.Page.RunAndWaitForRequestAsync(PassAsync, Reports);

        Task PassAsync() => page.Page.Clock.FastForwardAsync(10_000);
    }

    private static double Value(string[] metrics, string series) =>
        double.Parse(Assert.Single(metrics, line => line.StartsWith(series, StringComparison.Ordinal))[series.Length..], CultureInfo.InvariantCulture);

    private static string Outcome(string outcome, string way) => $$"""realtime_gateway_webrtc_connections_total{outcome="{{outcome}}",profile="assistant",way="{{way}}"} 1""";
}
