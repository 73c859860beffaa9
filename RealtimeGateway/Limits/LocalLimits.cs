using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RealtimeGateway.Limits;

/// <summary>
/// Counts in this process. (The limiters of System.Threading.RateLimiting refuse one after the other, so that a refused request eats permits
/// of the rules before; docs/limits.md has the measurements.)
/// </summary>
internal sealed class LocalLimits : ILeases, IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<LimitRule, Partitions> _rules = new();
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ITimer _sweeper;

    public LocalLimits(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _sweeper = time.CreateTimer(static limits => ((LocalLimits)limits!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Partitions remembered for all rules together.</summary>
    public int Partitions => _rules.Values.Sum(partitions => partitions.Count);

    private long Now => _time.GetElapsedTime(_origin).Ticks;

    /// <summary>Takes a permit for each demand, or none at all.</summary>
    /// <param name="lease">The call that takes the permits of rules that count calls.</param>
    public Decision Acquire(Demand[] demands, long lease) => Decide(demands, lease);

    /// <summary>Whether each demand would be met now.</summary>
    public Decision Peek(Demand[] demands) => Decide(demands, lease: null);

    public void Renew(Demand[] calls, long lease, TimeSpan span) => Hold(calls, lease, span);

    public void Hold(Demand[] calls, long lease, TimeSpan span)
    {
        foreach (var call in calls)
        {
            var partitions = (Partitions<Leases>)PartitionsOf(call);
            lock (partitions.LockOf(call.Partition))
            {
                ref var leases = ref partitions.Existing(call.Partition);
                if (!Unsafe.IsNullRef(ref leases))
                    leases.Renew(lease, Now + span.Ticks);
            }
        }
    }

    public void Release(Demand[] calls, long lease)
    {
        foreach (var call in calls)
        {
            var partitions = (Partitions<Leases>)PartitionsOf(call);
            lock (partitions.LockOf(call.Partition))
            {
                ref var leases = ref partitions.Existing(call.Partition);
                if (!Unsafe.IsNullRef(ref leases))
                    leases.Release(lease);
            }
        }
    }

    /// <summary>Forgets what no longer matters.</summary>
    public void Sweep()
    {
        foreach (var partitions in _rules.Values)
            partitions.Sweep(Now);
    }

    public void Dispose() => _sweeper.Dispose();

    // All locks are held until all have agreed and all have counted. They are taken in the order of the rules' names, everywhere.
    private Decision Decide(Demand[] demands, long? lease)
    {
        var held = 0;
        try
        {
            for (; held < demands.Length; held++)
                PartitionsOf(demands[held]).LockOf(demands[held].Partition).Enter();

            var now = Now;
            var decision = Refusal(demands, now);
            if (decision.IsAdmitted && lease is { } taker)
            {
                foreach (var demand in demands)
                    PartitionsOf(demand).Take(now, demand.Partition, taker);
            }

            return decision;
        }
        finally
        {
            while (held-- > 0)
                PartitionsOf(demands[held]).LockOf(demands[held].Partition).Exit();
        }
    }

    private Decision Refusal(Demand[] demands, long now)
    {
        var decision = Decision.Admitted;
        foreach (var demand in demands)
        {
            var wait = PartitionsOf(demand).WaitAt(now, demand.Partition);
            if (wait > decision.Wait.Ticks)
                decision = new(demand.Rule, TimeSpan.FromTicks(wait));
        }

        return decision;
    }

    private Partitions PartitionsOf(in Demand demand) => _rules.GetOrAdd(demand.Rule, static rule => Limits.Partitions.Of(rule));
}
