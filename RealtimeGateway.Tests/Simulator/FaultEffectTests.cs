using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Simulator;

public class FaultEffectTests
{
    // One row per effect; an effect without a row fails the first test.
    private static readonly Dictionary<string, Func<SimulatedAzure, Task>> Expectations = new()
    {
        ["status"] = ExpectStatusAsync,
        ["delay"] = ExpectDelayAsync,
        ["late"] = ExpectDelayAsync,
        ["hang"] = ExpectNoAnswerAsync,
        ["hangMidBody"] = ExpectHalfABodyAndNoMoreAsync,
        ["reset"] = ExpectResetAsync,
        ["resetMidBody"] = ExpectResetAsync,
        ["truncated"] = ExpectEarlyEndAsync,
        ["cutJson"] = ExpectUnparsableAsync,
        ["html"] = ExpectHtmlAsync,
        ["empty"] = ExpectEmptyAsync,
        ["garbage"] = ExpectGarbageAsync,
        ["oversized"] = ExpectMoreThanEightMebibytesAsync,
        ["gzip"] = ExpectGzipAsync,
        ["truncatedGzip"] = ExpectUnfinishedGzipAsync,
        ["chunked"] = ExpectChunkedAsync,
        ["created"] = ExpectCreatedAsync,
        ["ok"] = ExpectOkAsync,
        ["absoluteLocation"] = ExpectAbsoluteLocationAsync,
        ["nestedSecret"] = ExpectNestedSecretAsync,
        ["extraMembers"] = ExpectExtraMembersAsync,
        ["missingId"] = ExpectNoIdAsync,
    };

    public static TheoryData<string> Effects => [.. FaultEffect.All.Select(effect => effect.Name)];

    public static TheoryData<string> EffectsThatAnswer => [.. FaultEffect.All.Select(effect => effect.Name).Except(["hang", "reset", "resetMidBody"])];

    [Theory]
    [MemberData(nameof(Effects))]
    public async Task An_effect_happens_once_and_the_next_answer_is_normal(string name)
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true }, TimeProvider.System);
        Assert.True(FaultEffect.TryFind(name, out var effect));
        var fault = new Fault { Effect = effect, Operation = name is "ok" or "absoluteLocation" ? FaultOperation.Calls : FaultOperation.Mint, Times = 1 };
        azure.Faults.Inject(effect.Name switch
        {
            "status" => fault with { Status = 503 },
            "delay" or "late" => fault with { DelayMs = 50 },
            _ => fault,
        });

        await Expectations[name](azure);

        Assert.Empty(azure.Faults.Active);
        var response = await azure.MintAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull((await SimulatedAzure.JsonOfAsync(response))["value"]);
    }

    [Theory]
    [MemberData(nameof(EffectsThatAnswer))]
    public async Task Every_effect_keeps_the_infrastructures_headers_if_there_is_an_answer(string name)
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        Assert.True(FaultEffect.TryFind(name, out var effect));
        azure.Faults.Inject(new() { Effect = effect, Status = name == "status" ? 500 : null, DelayMs = name is "delay" or "late" ? 0 : null });
        using var response = await azure.Http.SendAsync(
            SimulatedAzure.Post(SimulatedAzure.Mint, SimulatedAzure.GaBody, SimulatedAzure.Key), HttpCompletionOption.ResponseHeadersRead);

        Assert.True(response.Headers.Contains("apim-request-id"));
    }

    [Theory]
    [InlineData("created")]
    [InlineData("ok")]
    [InlineData("absoluteLocation")]
    [InlineData("nestedSecret")]
    [InlineData("extraMembers")]
    [InlineData("missingId")]
    public async Task An_effect_on_the_shape_leaves_an_error_as_it_is(string name)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        Assert.True(FaultEffect.TryFind(name, out var effect));
        var untouched = await (await azure.MintAsync("{}")).Content.ReadAsStringAsync();
        azure.Break(effect);
        var response = await azure.MintAsync("{}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(untouched, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_late_answer_to_somebody_who_left_leaves_a_call_behind()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        var secret = await azure.MintSecretAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Late, Operation = FaultOperation.Calls, DelayMs = 60_000 });
        using var patience = new CancellationTokenSource();
        using var request = SimulatedAzure.Post(SimulatedAzure.Calls, SimulatedAzure.Offer, key: null, "application/sdp");
        request.Headers.Authorization = new("Bearer", secret);

        var calling = azure.Http.SendAsync(request, patience.Token);
        await Eventually.ShouldAsync(async () => (await azure.CallsAsync()).Count == 1);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);

        Assert.Equal("live", (string?)Assert.Single(await azure.CallsAsync())["state"]);
    }

    [Theory]
    [InlineData("hang")]
    [InlineData("hangMidBody")]
    [InlineData("truncated")]
    public async Task A_request_that_waits_does_not_hold_up_the_stop(string name)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        Assert.True(FaultEffect.TryFind(name, out var effect));
        azure.Break(effect, times: 1);
        var arrival = azure.Received.NextAsync();
        using var client = await RawRequestAsync(azure);
        await arrival;

        var stopwatch = Stopwatch.StartNew();
        await azure.StopAsync();

        // The host would wait 30 s for the request.
        Assert.InRange(stopwatch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_delay_runs_on_the_simulators_clock()
    {
        var clock = new ObservedClock();
        await using var azure = await SimulatedAzure.StartAsync(time: clock);
        azure.Faults.Inject(new() { Effect = FaultEffect.Delay, DelayMs = 60_000 });
        var answer = azure.MintAsync();
        await clock.TimerStarted;

        clock.Advance(TimeSpan.FromMilliseconds(59_999));
        Assert.False(answer.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
    }

    private sealed class ObservedClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource _timerStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TimerStarted => _timerStarted.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timerStarted.TrySetResult();
            return timer;
        }
    }

    private static async Task ExpectStatusAsync(SimulatedAzure azure) =>
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await azure.MintAsync()).StatusCode);

    private static async Task ExpectDelayAsync(SimulatedAzure azure)
    {
        var stopwatch = Stopwatch.StartNew();
        Assert.Equal(HttpStatusCode.OK, (await azure.MintAsync()).StatusCode);
        Assert.InRange(stopwatch.ElapsedMilliseconds, 45, 10_000);
    }

    private static async Task ExpectNoAnswerAsync(SimulatedAzure azure)
    {
        using var patience = new CancellationTokenSource();
        var minting = azure.Http.SendAsync(SimulatedAzure.Post(SimulatedAzure.Mint, SimulatedAzure.GaBody, SimulatedAzure.Key), patience.Token);
        await Eventually.ShouldAsync(() => azure.Faults.Active.Count == 0);
        patience.CancelAfter(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => minting);
    }

    private static async Task ExpectHalfABodyAndNoMoreAsync(SimulatedAzure azure)
    {
        using var response = await azure.Http.SendAsync(
            SimulatedAzure.Post(SimulatedAzure.Mint, SimulatedAzure.GaBody, SimulatedAzure.Key), HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        var half = new byte[response.Content.Headers.ContentLength!.Value / 2];
        await body.ReadExactlyAsync(half);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        Assert.StartsWith("{\"value\":\"ek_", Encoding.UTF8.GetString(half), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await body.ReadExactlyAsync(new byte[1], patience.Token));
    }

    private static async Task ExpectResetAsync(SimulatedAzure azure)
    {
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => azure.MintAsync());
        var socket = Causes(failure).OfType<SocketException>().FirstOrDefault();
        Assert.Equal(SocketError.ConnectionReset, socket?.SocketErrorCode);
    }

    private static async Task ExpectEarlyEndAsync(SimulatedAzure azure)
    {
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => azure.MintAsync());
        Assert.Equal(HttpRequestError.ResponseEnded, failure.HttpRequestError);
    }

    private static async Task ExpectUnparsableAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("{\"value\":\"ek_", body, StringComparison.Ordinal);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(body));
    }

    private static async Task ExpectHtmlAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("<html>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task ExpectEmptyAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    private static async Task ExpectGarbageAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        var answer = await SimulatedAzure.JsonOfAsync(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty(await RealtimeSchemas.ViolationsAsync("RealtimeCreateClientSecretResponse", answer));
    }

    private static async Task ExpectMoreThanEightMebibytesAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 8 * 1024 * 1024);
        Assert.Empty(await RealtimeSchemas.ViolationsAsync(
            "RealtimeCreateClientSecretResponse", RealtimeSchemas.WithoutNulls(await SimulatedAzure.JsonOfAsync(response))));
    }

    private static async Task ExpectGzipAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        Assert.NotNull((await JsonNode.ParseAsync(plain))!["value"]);
    }

    private static async Task ExpectUnfinishedGzipAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => JsonNode.ParseAsync(plain));
        Assert.True(failure is JsonException or InvalidDataException, failure.ToString());
    }

    private static async Task ExpectChunkedAsync(SimulatedAzure azure)
    {
        using var response = await azure.Http.SendAsync(
            SimulatedAzure.Post(SimulatedAzure.Mint, SimulatedAzure.GaBody, SimulatedAzure.Key), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Null(response.Content.Headers.ContentLength);
        Assert.NotNull((await SimulatedAzure.JsonOfAsync(response))["value"]);
    }

    private static async Task ExpectCreatedAsync(SimulatedAzure azure)
    {
        var response = await azure.MintAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.NotNull((await SimulatedAzure.JsonOfAsync(response))["value"]);
    }

    private static async Task ExpectOkAsync(SimulatedAzure azure)
    {
        using var response = await azure.CallAsync(await azure.MintSecretAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("v=0", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task ExpectAbsoluteLocationAsync(SimulatedAzure azure)
    {
        using var response = await azure.CallAsync(await azure.MintSecretAsync());
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.StartsWith($"{azure.Http.BaseAddress}v1/realtime/calls/rtc_", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    private static async Task ExpectNestedSecretAsync(SimulatedAzure azure)
    {
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());
        Assert.Equal(["client_secret", "session"], answer.Select(member => member.Key).Order());
        Assert.Equal(["value", "expires_at"], answer["client_secret"]!.AsObject().Select(member => member.Key));
        Assert.True(azure.Secrets.TryFind(answer["client_secret"]!["value"]!.GetValue<string>(), out _));
    }

    private static async Task ExpectExtraMembersAsync(SimulatedAzure azure)
    {
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());
        Assert.Equal(["value", "expires_at", "session", "simulated_null", "simulated_extra"], answer.Select(member => member.Key));
        Assert.Null(answer["simulated_null"]);
        Assert.NotNull(answer["session"]!["simulated_extra"]);
    }

    private static async Task ExpectNoIdAsync(SimulatedAzure azure)
    {
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());
        Assert.False(answer["session"]!.AsObject().ContainsKey("id"));
        Assert.Equal("realtime.session", answer["session"]!["object"]!.GetValue<string>());
    }

    private static async Task<TcpClient> RawRequestAsync(SimulatedAzure azure)
    {
        var client = new TcpClient();
        var address = azure.Http.BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port);
        var request = $"POST {SimulatedAzure.Mint} HTTP/1.1\r\nHost: {address.Authority}\r\napi-key: {SimulatedAzure.Key}\r\n" +
            $"Content-Type: application/json\r\nContent-Length: {SimulatedAzure.GaBody.Length}\r\n\r\n{SimulatedAzure.GaBody}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return client;
    }

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException) yield return cause;
    }
}
