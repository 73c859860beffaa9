using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Tests.Limits;

/// <summary>How each kind counts, in this process; RedisKindTests shows that Redis counts the same.</summary>
public sealed class KindTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LocalLimits _limits;
    private long _lease;

    public KindTests() => _limits = new(_time);

    [Theory]
    [InlineData(nameof(LimitKind.FixedWindow))]
    [InlineData(nameof(LimitKind.SlidingWindow))]
    [InlineData(nameof(LimitKind.TokenBucket))]
    [InlineData(nameof(LimitKind.Concurrency))]
    public void The_permits_are_admitted_and_then_a_true_wait_is_told(string kind)
    {
        var rule = Rules.Of(kind, permits: 7);
        _time.Advance(TimeSpan.FromSeconds(33.3));
        for (var i = 0; i < 7; i++)
        {
            Assert.True(Ask(rule).IsAdmitted);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        for (var round = 0; round < 20; round++)
        {
            var wait = Ask(rule) is { IsAdmitted: false, RefusedBy: var by, Wait: var told } && by == rule ? told : TimeSpan.Zero;
            Assert.InRange(wait, TimeSpan.FromTicks(1), rule.Window * 1.1);
            _time.Advance(wait - TimeSpan.FromTicks(1));
            Assert.False(Ask(rule).IsAdmitted);
            _time.Advance(TimeSpan.FromTicks(1));
            while (Ask(rule).IsAdmitted)
            {
                // all that came back at this moment
            }
        }
    }

    [Fact]
    public void A_fixed_window_begins_with_its_first_request()
    {
        var rule = Rules.Of(nameof(LimitKind.FixedWindow), permits: 2);
        Ask(rule);
        _time.Advance(TimeSpan.FromSeconds(50));
        Ask(rule);

        Assert.Equal(TimeSpan.FromSeconds(10), Ask(rule).Wait);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((true, true, false), (Ask(rule).IsAdmitted, Ask(rule).IsAdmitted, Ask(rule).IsAdmitted));
    }

    [Fact]
    public void A_token_bucket_holds_its_burst_and_fills_evenly()
    {
        var rule = Rules.Of(nameof(LimitKind.TokenBucket), permits: 60) with { Burst = 2 };

        Assert.Equal((true, true, false), (Ask(rule).IsAdmitted, Ask(rule).IsAdmitted, Ask(rule).IsAdmitted));
        Assert.Equal(TimeSpan.FromSeconds(1), Ask(rule).Wait);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((true, true, false), (Ask(rule).IsAdmitted, Ask(rule).IsAdmitted, Ask(rule).IsAdmitted));
    }

    [Fact]
    public void No_window_wherever_it_begins_holds_more_than_a_sliding_window_permits()
    {
        var rule = Rules.Of(nameof(LimitKind.SlidingWindow), permits: 5);
        var random = new Random(1);
        var admitted = new List<DateTimeOffset>();
        for (var i = 0; i < 5000; i++)
        {
            if (Ask(rule).IsAdmitted)
                admitted.Add(_time.GetUtcNow());
            _time.Advance(TimeSpan.FromSeconds(random.NextDouble() * 4));
        }

        Assert.True(admitted.Count > 500);
        Assert.All(admitted.Zip(admitted.Skip(5)), pair => Assert.True(pair.Second - pair.First >= rule.Window));
    }

    [Fact]
    public void A_call_counts_until_it_is_released_or_lapses_and_a_renewed_one_goes_on()
    {
        var rule = Rules.Of(nameof(LimitKind.Concurrency), permits: 2);
        Demand[] demands = [new(rule, 1)];
        _limits.Acquire(demands, 1);
        _limits.Acquire(demands, 2);
        Assert.Equal(rule.Window, _limits.Acquire(demands, 3).Wait);

        _limits.Release(demands, 1);
        Assert.True(_limits.Acquire(demands, 4).IsAdmitted);

        _limits.Hold(demands, 2, TimeSpan.FromHours(1));
        _time.Advance(rule.Window);
        Assert.True(_limits.Acquire(demands, 5).IsAdmitted); // 4 has lapsed, 2 goes on
        Assert.False(_limits.Acquire(demands, 6).IsAdmitted);

        _time.Advance(TimeSpan.FromHours(1));
        _limits.Hold(demands, 2, TimeSpan.FromHours(1)); // too late
        Assert.True(_limits.Acquire(demands, 7).IsAdmitted);
        Assert.True(_limits.Acquire(demands, 8).IsAdmitted);
    }

    [Fact]
    public void A_call_that_lapsed_is_not_renewed_beside_those_that_go_on()
    {
        var rule = Rules.Of(nameof(LimitKind.Concurrency), permits: 2);
        Demand[] demands = [new(rule, 1)];
        _limits.Acquire(demands, 1);
        _limits.Hold(demands, 1, TimeSpan.FromHours(1));
        _limits.Acquire(demands, 2);
        _time.Advance(rule.Window);
        Assert.True(_limits.Acquire(demands, 3).IsAdmitted); // in the place of 2

        _limits.Hold(demands, 2, TimeSpan.FromHours(1));

        _time.Advance(rule.Window);
        Assert.True(_limits.Acquire(demands, 4).IsAdmitted); // in the place of 3
    }

    [Fact]
    public void A_call_that_is_held_while_its_answer_is_still_being_taken_is_held_for_that_long()
    {
        Demand[] demands = [new(Rules.Of(nameof(LimitKind.Concurrency), permits: 1), 1)];
        _limits.Acquire(demands, 1);
        var lease = new CallLease(demands, id: 1, _limits, _time);

        lease.HoldUntil(_time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(), _time);
        _time.Advance(TimeSpan.FromMinutes(1));
        lease.End();

        Assert.Equal(TimeSpan.FromMinutes(59), _limits.Peek(demands).Wait);
    }

    public void Dispose() => _limits.Dispose();

    private Decision Ask(LimitRule rule) => _limits.Acquire([new(rule, 1)], ++_lease);
}
