using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Limits;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Limits;

/// <summary>The heap belongs to the whole process, so that nothing else may run; bench/Limits measures a million.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LocalLimits _limits;

    public MemoryTests() => _limits = new(_time);

    [Theory]
    [InlineData(nameof(LimitKind.FixedWindow), 110)]
    [InlineData(nameof(LimitKind.SlidingWindow), 190)]
    [InlineData(nameof(LimitKind.TokenBucket), 100)]
    [InlineData(nameof(LimitKind.Concurrency), 150)]
    public void A_hundred_thousand_callers_cost_few_bytes_and_are_forgotten_when_idle(string kind, int bytes)
    {
        const int Callers = 100_000;
        var rule = Rules.Of(kind, permits: 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Demand[] demands = new Demand[1];
        for (var caller = 0; caller < Callers; caller++)
        {
            demands[0] = new(rule, (UInt128)caller << 40);
            _limits.Acquire(demands, caller);
        }

        Assert.Equal(Callers, _limits.Partitions);
        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / Callers, 0, bytes);

        _time.Advance(TimeSpan.FromSeconds(50)); // its own timer has swept meanwhile
        Assert.Equal(kind is nameof(LimitKind.TokenBucket) ? 0 : Callers, _limits.Partitions);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _limits.Partitions);
    }

    public void Dispose() => _limits.Dispose();
}
