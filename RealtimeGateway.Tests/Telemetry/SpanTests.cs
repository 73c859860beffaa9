using System.Collections.Concurrent;
using System.Diagnostics;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>The spans of a request, as an exporter gets them.</summary>
[Collection(nameof(Alone))]
public sealed class SpanTests : IAsyncLifetime
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private CallingAzure _azure = null!;
    private int _leftOut;

    public SpanTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == RequestSpan.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> asked) => asked.Name is RequestSpan.Name && _leftOut-- > 0 ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async ValueTask InitializeAsync() => _azure = await CallingAzure.StartAsync();

    [Fact]
    public async Task A_mint_is_one_span_with_its_attempt_below()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);

        using var response = await gateway.MintAsync();
        var (attempt, request) = (await EndedAsync("attempt default"), await EndedAsync("POST sessions"));

        Assert.Equal((ActivityKind.Server, ActivityStatusCode.Unset, default), (request.Kind, request.Status, request.ParentSpanId));
        Assert.Equal(
            ["gen_ai.request.model=gpt-realtime", "http.request.method=POST", "http.response.status_code=200", "http.route=sessions", "realtime_gateway.profile=assistant",
             $"realtime_gateway.request_id={Assert.Single(response.Headers.GetValues("x-request-id"))}"],
            Tags(request));
        Assert.Equal((ActivityKind.Client, request.SpanId, request.TraceId), (attempt.Kind, attempt.ParentSpanId, attempt.TraceId));
        Assert.Equal(
            ["gen_ai.provider.name=azure.ai.openai", "gen_ai.request.model=gpt-realtime", "realtime_gateway.attempt=1", "realtime_gateway.destination=default"], Tags(attempt));
        Assert.Empty(request.Events.Concat(attempt.Events));
    }

    [Fact]
    public async Task A_failed_attempt_says_how_and_the_request_with_it()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);
        gateway.Announce("answered 503");
        _azure.OnMint = CallingAzure.Status(503);

        using var response = await gateway.MintAsync();
        var (attempt, request) = (await EndedAsync("attempt default"), await EndedAsync("POST sessions"));

        Assert.Equal(ActivityStatusCode.Error, attempt.Status);
        Assert.Subset(Tags(attempt).ToHashSet(), new HashSet<string> { "error.type=upstream_unavailable", "http.response.status_code=503" });
        Assert.Equal(ActivityStatusCode.Error, request.Status);
        Assert.Subset(Tags(request).ToHashSet(), new HashSet<string> { "error.type=upstream_unavailable", "http.response.status_code=502" });
        Assert.DoesNotContain(Tags(attempt).Concat(Tags(request)), tag => tag.Contains("leaked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_mint_of_a_call_is_a_span_of_its_own()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);

        await gateway.BeginCallAsync();
        var (mint, attempt, request) = (await EndedAsync("mint default"), await EndedAsync("attempt default"), await EndedAsync("POST calls"));

        Assert.Equal((attempt.SpanId, request.SpanId), (mint.ParentSpanId, attempt.ParentSpanId));
    }

    // What OpenTelemetry's samplers answer for a first span that they leave out.
    [Fact]
    public async Task A_request_that_is_not_sampled_has_no_span_and_none_below_it()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);

        _leftOut = 1;
        await gateway.BeginCallAsync();
        using var response = await gateway.MintAsync();
        await EndedAsync("POST sessions");

        Assert.Equal(["attempt default", "POST sessions"], _ended.Select(span => span.DisplayName));
    }

    [Fact]
    public async Task A_strangers_trace_context_is_not_taken_over_and_none_goes_to_the_service()
    {
        await using var gateway = Gateway.StartWith(_azure.Url);

        await MintWithinAsync(gateway, TraceParent);
        var request = await EndedAsync("POST sessions");

        Assert.Equal(default, request.ParentSpanId);
        Assert.NotEqual("0af7651916cd43dd8448eb211c80319c", request.TraceId.ToHexString());
        Assert.All(_azure.All, received => Assert.DoesNotContain(received.Headers.Keys, name => name.StartsWith("trace", StringComparison.OrdinalIgnoreCase) || name.Equals("baggage", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task No_trace_context_goes_to_the_issuer_of_tokens()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var gateway = Gateway.StartWith(_azure.Url, issuer.Settings());
        using var mint = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("{}"), Headers = { Authorization = new("Bearer", issuer.Token(DateTimeOffset.UtcNow)) } };

        using var response = await gateway.Http.SendAsync(mint, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
        await EndedAsync("POST sessions");
        Assert.NotEqual(0, issuer.Fetches);
        Assert.Equal(["Host", "x-client-SKU", "x-client-Ver"], issuer.Headers);
    }

    [Fact]
    public async Task A_trusted_callers_trace_goes_on()
    {
        await using var gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Telemetry:TraceContextFrom:0"] = "127.0.0.0/8" });

        await MintWithinAsync(gateway, TraceParent);
        var request = await EndedAsync("POST sessions");

        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (request.TraceId.ToHexString(), request.ParentSpanId.ToHexString()));
        Assert.All(_azure.All, received => Assert.DoesNotContain("traceparent", received.Headers.Keys));
    }

    [Theory]
    [InlineData("TraceContextFrom:0", "everybody", "must be an address such as 10.0.0.7 or a network such as 10.0.0.0/8")]
    [InlineData("TraceContextFrom", "10.0.0.0/8", "must be a list")]
    [InlineData("Sampling", "1", "is not a known key")]
    public void A_mistake_is_named(string key, string value, string rule)
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?> { [$"Telemetry:{key}"] = value });

        Assert.Contains($"Telemetry:{key}", refusal, StringComparison.Ordinal);
        Assert.Contains(rule, refusal, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _azure.DisposeAsync();
    }

    private static async Task MintWithinAsync(Gateway gateway, string traceParent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = Gateway.Json("{}") };
        request.Headers.Add("traceparent", traceParent);
        request.Headers.Add("tracestate", "vendor=secret");
        request.Headers.Add("baggage", "who=secret");
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
    }

    private async Task<Activity> EndedAsync(string name)
    {
        await Eventually.ShouldAsync(() => Task.FromResult(_ended.Any(span => span.DisplayName == name)));
        return Assert.Single(_ended, span => span.DisplayName == name);
    }

    private static string[] Tags(Activity span) => [.. span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal)];
}
