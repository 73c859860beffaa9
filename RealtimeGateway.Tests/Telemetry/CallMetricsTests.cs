using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Sockets;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>What is counted of calls and sockets, from their beginning to their end.</summary>
[Collection(nameof(Alone))]
public sealed class CallMetricsTests
{
    private const string Opened = """realtime_gateway_sessions_total{destination="default",outcome="ok",profile="assistant",route="realtime"} 1""";

    [Fact]
    public async Task A_call_is_active_until_it_is_hung_up_and_ends_once()
    {
        await using var azure = await CallingAzure.StartAsync();
        await using var gateway = Gateway.StartWith(azure.Url);

        var call = await gateway.BeginCallAsync();
        await gateway.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="relay"} 1""");
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());

        await gateway.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="relay"} 0""");
        var metrics = await gateway.ScrapeAsync();
        Assert.Contains("""realtime_gateway_calls_ended_total{profile="assistant",reason="hangup",way="relay"} 1""", metrics);
        Assert.Contains("""realtime_gateway_call_duration_seconds_count{profile="assistant",way="relay"} 1""", metrics);
        Assert.Contains("""realtime_gateway_calls_hangups_total{cause="caller",destination="default",outcome="hangup"} 1""", metrics);
    }

    [Fact]
    public async Task A_call_that_is_hung_up_twice_at_once_ends_once()
    {
        var (both, asked) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        await using var azure = await CallingAzure.StartAsync();
        await using var gateway = Gateway.StartWith(azure.Url);
        azure.OnHangUp = async context =>
        {
            var isSecond = Interlocked.Increment(ref asked) == 2;
            if (isSecond)
                both.SetResult();
            await both.Task;
            await CallingAzure.Status(isSecond ? 404 : 200, "")(context);
        };
        var call = await gateway.BeginCallAsync();

        var answers = await Task.WhenAll(gateway.HangUpAsync(call).StatusAsync(), gateway.HangUpAsync(call).StatusAsync());

        Assert.Equal([204, 204], answers);
        await gateway.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="relay"} 0""");
        var metrics = await gateway.ScrapeAsync();
        Assert.Contains("""realtime_gateway_call_duration_seconds_count{profile="assistant",way="relay"} 1""", metrics);
        Assert.Single(metrics, line => line.StartsWith("realtime_gateway_calls_ended_total{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_call_that_nobody_hangs_up_has_ended_when_the_longest_time_is_over()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var azure = await CallingAzure.StartAsync();
        await using var gateway = Gateway.StartWith(azure.Url, services: services => services.AddSingleton<TimeProvider>(time));
        await gateway.BeginCallAsync();

        time.Advance(TimeSpan.FromMinutes(61));

        await gateway.ShowsAsync("""realtime_gateway_calls_ended_total{profile="assistant",reason="expired",way="relay"} 1""");
        await gateway.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="relay"} 0""");
    }

    [Fact]
    public async Task A_call_that_was_hung_up_through_another_replica_is_active_nowhere()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var redis = await RedisServer.StartAsync();
        await using var azure = await CallingAzure.StartAsync();
        var shared = new Dictionary<string, string?> { ["Redis:Connection"] = redis.Connection, ["Redis:Timeout"] = "00:00:05" };
        await using var one = Gateway.StartWith(azure.Url, shared, services: services => services.AddSingleton<TimeProvider>(time));
        await using var other = Gateway.StartWith(azure.Url, shared);
        var call = await one.BeginCallAsync();

        Assert.Equal(204, await other.HangUpAsync(call).StatusAsync());
        time.Advance(TimeSpan.FromSeconds(15));

        await one.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="relay"} 0""");
        Assert.Contains("""realtime_gateway_calls_ended_total{profile="assistant",reason="hangup",way="relay"} 1""", await one.ScrapeAsync()); // of one process in this test
    }

    [Theory]
    [InlineData(true, "caller_closed")]
    [InlineData(false, "upstream_closed")]
    public async Task A_socket_is_active_until_one_side_closes_it(bool isCaller, string reason)
    {
        await using var sockets = await SocketGateway.StartAsync();
        var (caller, upstream) = await sockets.OpenAsync();
        await sockets.Gateway.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="socket"} 1""");
        await sockets.Gateway.ShowsAsync(Opened); // it is a session now, not when it is over

        await (isCaller ? caller : upstream).CloseAsync(1000, "a secret reason");

        await sockets.Gateway.ShowsAsync($$"""realtime_gateway_calls_ended_total{profile="assistant",reason="{{reason}}",way="socket"} 1""");
        await sockets.Gateway.ShowsAsync("""realtime_gateway_calls_active{profile="assistant",way="socket"} 0""");
        var metrics = await sockets.Gateway.ScrapeAsync();
        Assert.Contains(Opened, metrics);
        Assert.DoesNotContain(metrics, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_are_counted_by_type_modality_and_cache_once_for_each_response()
    {
        await using var sockets = await SocketGateway.StartAsync();
        var (caller, upstream) = await sockets.OpenAsync();

        await upstream.SendAsync("""
            {"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"r","status":"completed","usage":{"total_tokens":1000,
             "input_tokens":700,"output_tokens":300,
             "input_token_details":{"text_tokens":200,"audio_tokens":450,"cached_tokens":164,"cached_tokens_details":{"text_tokens":100,"audio_tokens":64}},
             "output_token_details":{"text_tokens":40,"audio_tokens":260}}}}
            """);
        await caller.ReceiveAsync();
        await upstream.SendAsync("""{"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"r","status":"cancelled","usage":null}}""");
        await caller.ReceiveAsync();

        Assert.Equal(
            [("input", "audio", "false", 386), ("input", "audio", "true", 64), ("input", "text", "false", 100), ("input", "text", "true", 100), ("input", "unknown", "false", 50),
             ("output", "audio", "false", 260), ("output", "text", "false", 40)],
            Tokens(await sockets.Gateway.ScrapeAsync()));
    }

    private static IEnumerable<(string Type, string Modality, string Cached, int Tokens)> Tokens(string[] metrics) =>
        from line in metrics
        where line.StartsWith("gen_ai_client_token_usage_sum", StringComparison.Ordinal)
            && line.Contains("gen_ai_operation_name=\"generate_content\",gen_ai_provider_name=\"azure.ai.openai\",gen_ai_request_model=\"gpt-realtime\"", StringComparison.Ordinal)
        let tokens = (Label(line, "gen_ai_token_type"), Label(line, "modality"), Label(line, "cached"), int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
        orderby tokens
        select tokens;

    private static string Label(string line, string name) => line.Split($"{name}=\"")[1].Split('"')[0];
}
