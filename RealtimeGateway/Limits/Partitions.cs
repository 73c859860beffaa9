using System.Runtime.InteropServices;

namespace RealtimeGateway.Limits;

/// <summary>Who has used how much of one rule. Sharded, so that neither a lock nor a growing table holds everybody up.</summary>
internal abstract class Partitions
{
    protected const int Shards = 64;

    private readonly Lock[] _locks = [.. Enumerable.Range(0, Shards).Select(_ => new Lock())];

    public static Partitions Of(LimitRule rule) => rule.Kind switch
    {
        LimitKind.TokenBucket => new Partitions<TokenBucket>(rule),
        LimitKind.SlidingWindow => new Partitions<SlidingWindow>(rule),
        LimitKind.Concurrency => new Partitions<Leases>(rule),
        _ => new Partitions<FixedWindow>(rule),
    };

    public abstract int Count { get; }

    /// <summary>The lock under which the partition is asked and changed.</summary>
    public Lock LockOf(UInt128 partition) => _locks[ShardOf(partition)];

    public abstract long WaitAt(long now, UInt128 partition);

    public abstract void Take(long now, UInt128 partition, long lease);

    /// <summary>Forgets the partitions that have nothing left to remember.</summary>
    public void Sweep(long now)
    {
        for (var shard = 0; shard < Shards; shard++)
        {
            lock (_locks[shard])
                Sweep(now, shard);
        }
    }

    protected abstract void Sweep(long now, int shard);

    protected static int ShardOf(UInt128 partition) => partition.GetHashCode() & (Shards - 1);
}

/// <inheritdoc cref="Partitions"/>
internal sealed class Partitions<TUsage>(LimitRule rule) : Partitions
    where TUsage : struct, IUsage
{
    /// <summary>Two million partitions in all: the most that one rule may make the process remember.</summary>
    internal const int MaxPerShard = 32 * 1024;

    /// <summary>Whoever comes when a shard is full: they share one count, so that a flood of callers is limited as one.</summary>
    private static readonly UInt128 Crowd = UInt128.MaxValue;

    private readonly Dictionary<UInt128, TUsage>[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Dictionary<UInt128, TUsage>())];

    public override int Count => _shards.Sum(shard => shard.Count);

    public override long WaitAt(long now, UInt128 partition) => Find(partition, out _).WaitAt(now, rule);

    public override void Take(long now, UInt128 partition, long lease)
    {
        var shard = _shards[ShardOf(partition)];
        Find(partition, out var counted);
        CollectionsMarshal.GetValueRefOrAddDefault(shard, counted, out _).Take(now, rule, lease);
    }

    /// <summary>The partition's usage, where it is counted by itself or with the crowd; <c>null</c> when there is nothing to remember.</summary>
    public ref TUsage Existing(UInt128 partition)
    {
        Find(partition, out var counted);
        return ref CollectionsMarshal.GetValueRefOrNullRef(_shards[ShardOf(partition)], counted);
    }

    protected override void Sweep(long now, int shard)
    {
        var table = _shards[shard];
        var before = table.Count;
        foreach (var (partition, usage) in table)
        {
            if (usage.IsIdle(now, rule))
                table.Remove(partition);
        }

        if (table.Count < before / 2)
            table.TrimExcess();
    }

    private TUsage Find(UInt128 partition, out UInt128 counted)
    {
        var shard = _shards[ShardOf(partition)];
        if (shard.TryGetValue(counted = partition, out var usage) || shard.Count < MaxPerShard)
            return usage;
        shard.TryGetValue(counted = Crowd, out usage);
        return usage;
    }
}
