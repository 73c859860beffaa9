using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Tests.Limits;

/// <summary>What is allocated is the upper bound of what is kept, and the same in every run; bench/Limits measures what a million callers keep.</summary>
public sealed class MemoryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LocalLimits _limits;

    public MemoryTests() => _limits = new(_time);

    [Theory]
    [InlineData(nameof(LimitKind.FixedWindow), 160)]
    [InlineData(nameof(LimitKind.SlidingWindow), 300)]
    [InlineData(nameof(LimitKind.TokenBucket), 160)]
    [InlineData(nameof(LimitKind.Concurrency), 210)]
    public void A_hundred_thousand_callers_cost_few_bytes_and_are_forgotten_when_idle(string kind, int bytes)
    {
        const int Callers = 100_000;
        var rule = Rules.Of(kind, permits: 10);
        var demands = new Demand[1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var caller = 0; caller < Callers; caller++)
        {
            demands[0] = new(rule, (UInt128)caller << 40);
            _limits.Acquire(demands, caller);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Callers, _limits.Partitions);
        Assert.InRange(allocated / Callers, 0, bytes);

        _time.Advance(TimeSpan.FromSeconds(50)); // its own timer has swept meanwhile
        Assert.Equal(kind is nameof(LimitKind.TokenBucket) ? 0 : Callers, _limits.Partitions);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _limits.Partitions);
    }

    public void Dispose() => _limits.Dispose();
}
