using System.Collections.Concurrent;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Tickets;

/// <summary>What came of an attempt to spend a ticket.</summary>
internal enum Spending
{
    Spent,

    /// <summary>Somebody has been here before.</summary>
    SpentBefore,

    /// <summary>It was good when its request came, and is no longer.</summary>
    Expired,

    /// <summary>Nobody can say: Redis, which remembers for all replicas, is away.</summary>
    Unknown,
}

/// <summary>
/// Which tickets have been redeemed: in Redis for all replicas, where there is one, and in this process as far as it has learnt of it. It also counts here how often each one
/// has been presented: one that is presented takes permits of the caller that had it made, whatever comes of it.
/// </summary>
internal sealed class SpentTickets(RedisLink redis, TimeProvider time)
{
    private static readonly RedisScript Spend = new("return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX')");

    /// <summary>How far the clock of another replica may be behind, which would still take the ticket for good; or this one's, once it has been put right.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>A bad offer does not cost a ticket, nor does a service that is away; but who holds one gets no more tries than this.</summary>
    private const int MostPresentations = 5;

    private readonly ConcurrentDictionary<Guid, Fate> _here = new();
    private long _nextSweep;

    /// <summary>Counts that it has come once more; <c>false</c> when it is known to be spent, or has come too often.</summary>
    public bool TryPresent(Ticket ticket)
    {
        Sweep(time.GetUtcNow());
        return FateOf(ticket).TryPresent();
    }

    /// <summary>Of all who try it with the same ticket, one succeeds.</summary>
    public async ValueTask<Spending> TrySpendAsync(Ticket ticket)
    {
        var left = ticket.Expires - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return Spending.Expired;
        var fate = FateOf(ticket);
        if (redis.IsConfigured)
        {
            var answer = await redis.TryRunAsync(Spend, [$"{redis.KeyPrefix}tickets:{ticket.Number:n}"], [(long)(left + Skew).TotalMilliseconds]);
            if (answer is null)
                return Spending.Unknown;
            if (answer.IsNull)
            {
                fate.Close();
                return Spending.SpentBefore;
            }
        }

        return fate.TrySpend() ? Spending.Spent : Spending.SpentBefore;
    }

    private Fate FateOf(Ticket ticket) => _here.GetOrAdd(ticket.Number, static (_, ticket) => new(ticket.Expires + Skew), ticket);

    private void Sweep(DateTimeOffset now)
    {
        if (now.Ticks < Volatile.Read(ref _nextSweep))
            return;
        Volatile.Write(ref _nextSweep, (now + SweepInterval).Ticks);
        foreach (var (number, fate) in _here)
        {
            if (fate.End <= now)
                _here.TryRemove(number, out _);
        }
    }

    private sealed class Fate(DateTimeOffset end)
    {
        private int _presentations;
        private int _spent;

        /// <summary>From then on nobody need know.</summary>
        public DateTimeOffset End { get; } = end;

        public bool TryPresent() => Interlocked.Increment(ref _presentations) <= MostPresentations;

        public bool TrySpend()
        {
            Close();
            return Interlocked.Exchange(ref _spent, 1) == 0;
        }

        /// <summary>It may be presented no more.</summary>
        public void Close() => Volatile.Write(ref _presentations, MostPresentations);
    }
}
