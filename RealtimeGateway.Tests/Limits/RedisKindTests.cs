using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;
using RealtimeGateway.Tests.Infrastructure;
using StackExchange.Redis;

namespace RealtimeGateway.Tests.Limits;

/// <summary>Redis and this process decide alike, request by request, when they read the same clock.</summary>
public sealed class RedisKindTests
{
    // The script's own clock is replaced by one that the test moves. (A fixed window ends by the server's expiry and is left to RedisTests.)
    private static readonly string Script = RedisScripts.Acquire.Text.Replace("redis.call('TIME')", "{ 0, ARGV[#ARGV] }", StringComparison.Ordinal);

    [Theory]
    [InlineData(nameof(LimitKind.SlidingWindow))]
    [InlineData(nameof(LimitKind.TokenBucket))]
    [InlineData(nameof(LimitKind.Concurrency))]
    public async Task Both_decide_alike(string kind)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await server.ConnectAsync();
        var clock = new FakeTimeProvider();
        using var local = new LocalLimits(clock);
        var rule = Rules.Of(kind, permits: 6) with { Burst = kind is nameof(LimitKind.TokenBucket) ? 4 : 6 };
        // Ahead of the server's clock, so that nothing expires by it; a whole number of windows, so that parts of windows begin together.
        var now = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60 + 1_000_000) * 60_000_000;
        var random = new Random(7);
        var admitted = 0;

        for (var lease = 0; lease < 600; lease++)
        {
            var decision = local.Acquire([new(rule, 1)], lease);
            var answer = await redis.GetDatabase().ScriptEvaluateAsync(
                Script, [(RedisKey)kind], [1, lease, WireName.Of(rule.Kind), rule.Permits, 60_000_000, rule.Burst, now]);
            Assert.Equal((lease, decision.IsAdmitted, decision.Wait.TotalMicroseconds), (lease, (int)answer[0] is 0, (double)answer[1]));
            admitted += decision.IsAdmitted ? 1 : 0;

            var step = random.Next(0, 12_000) * 1000L;
            now += step;
            clock.Advance(TimeSpan.FromMicroseconds(step));
        }

        Assert.InRange(admitted, 100, 500);
    }
}
