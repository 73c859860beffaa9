using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Tests.Limits;

public sealed class LocalLimitsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LocalLimits _limits;

    public LocalLimitsTests() => _limits = new(_time);

    [Fact]
    public void A_refused_request_takes_nothing_from_the_rules_that_agree()
    {
        var many = Rules.Of(nameof(LimitKind.FixedWindow), permits: 2, "many");
        var one = Rules.Of(nameof(LimitKind.TokenBucket), permits: 1, "one");
        var call = Rules.Of(nameof(LimitKind.Concurrency), permits: 2, "call");
        Demand[] all = [new(call, 1), new(many, 1), new(one, 1)];

        Assert.True(_limits.Acquire(all, 1).IsAdmitted);
        for (var i = 0; i < 10; i++)
            Assert.Equal(one, _limits.Acquire(all, 2).RefusedBy);

        Assert.True(_limits.Acquire([new(call, 1), new(many, 1)], 3).IsAdmitted);
    }

    [Fact]
    public void Of_several_rules_that_refuse_the_longest_wait_counts()
    {
        var minute = Rules.Of(nameof(LimitKind.FixedWindow), permits: 1, "minute");
        var day = minute with { Name = "day", Window = TimeSpan.FromDays(1) };
        Demand[] demands = [new(day, 1), new(minute, 1)];
        _limits.Acquire(demands, 1);

        Assert.Equal(new Decision(day, TimeSpan.FromDays(1)), _limits.Acquire(demands, 2));
    }

    [Fact]
    public void Looking_takes_nothing()
    {
        Demand[] demands = [new(Rules.Of(nameof(LimitKind.FixedWindow), permits: 1), 1)];

        Assert.True(_limits.Peek(demands).IsAdmitted);
        Assert.True(_limits.Acquire(demands, 1).IsAdmitted);
        Assert.False(_limits.Peek(demands).IsAdmitted);
    }

    [Fact]
    public async Task Callers_at_the_same_time_are_admitted_exactly_to_the_limit_whatever_the_mixture()
    {
        var total = Rules.Of(nameof(LimitKind.Concurrency), permits: 1000, "total");
        var each = Rules.Of(nameof(LimitKind.FixedWindow), permits: 300, "each");
        var admitted = new int[5];
        long lease = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                if (_limits.Acquire([new(each, (UInt128)(i % 5)), new(total, 0)], Interlocked.Increment(ref lease)).IsAdmitted)
                    Interlocked.Increment(ref admitted[i % 5]);
            }
        })));

        Assert.Equal(1000, admitted.Sum());
        Assert.All(admitted, count => Assert.InRange(count, 0, 300));
        // A refusal by the total took nothing from anybody.
        var left = Enumerable.Range(0, 5).Sum(caller => Enumerable.Range(0, 400).Count(_ => _limits.Acquire([new(each, (UInt128)caller)], 0).IsAdmitted));
        Assert.Equal(5 * 300, admitted.Sum() + left);
    }

    [Fact]
    public void A_refused_stranger_is_not_remembered()
    {
        var total = Rules.Of(nameof(LimitKind.FixedWindow), permits: 1, "total");
        var each = Rules.Of(nameof(LimitKind.FixedWindow), permits: 1, "each");
        for (var caller = 0; caller < 1000; caller++)
            _limits.Acquire([new(each, (UInt128)caller), new(total, 0)], 0);

        Assert.Equal(2, _limits.Partitions);
    }

    [Fact]
    public void Beyond_two_million_partitions_newcomers_share_and_those_known_keep_their_own()
    {
        var rule = Rules.Of(nameof(LimitKind.FixedWindow), permits: 2);
        var partitions = new Partitions<FixedWindow>(rule);
        var shard = Enumerable.Range(0, int.MaxValue).Select(caller => (UInt128)caller).Where(caller => partitions.LockOf(caller) == partitions.LockOf(0));
        var callers = shard.Take(Partitions<FixedWindow>.MaxPerShard + 3).ToArray();
        foreach (var caller in callers[..^3])
            partitions.Take(0, caller, 0);

        partitions.Take(0, callers[^3], 0);
        partitions.Take(0, callers[^2], 0);

        Assert.Equal(Partitions<FixedWindow>.MaxPerShard + 1, partitions.Count);
        Assert.True(partitions.WaitAt(0, callers[^1]) > 0);
        Assert.Equal(0, partitions.WaitAt(0, callers[0]));
    }

    public void Dispose() => _limits.Dispose();
}
