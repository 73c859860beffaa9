using System.Collections.Concurrent;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Tickets;

/// <summary>What came of an attempt to spend a ticket.</summary>
internal enum Spending
{
    Spent,

    /// <summary>Somebody has been here before.</summary>
    SpentBefore,

    /// <summary>Nobody can say: Redis, which remembers for all replicas, is away.</summary>
    Unknown,
}

/// <summary>Which tickets have been redeemed: in Redis for all replicas, where there is one, and otherwise in this process.</summary>
internal sealed class SpentTickets(RedisLink redis, TimeProvider time)
{
    private static readonly RedisScript Spend = new("return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX')");

    /// <summary>How far the clock of another replica may be behind, which would still take the ticket for good.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _here = new();
    private long _nextSweep;

    /// <summary>Of all who try it with the same ticket, one succeeds.</summary>
    public async ValueTask<Spending> TrySpendAsync(Ticket ticket)
    {
        var now = time.GetUtcNow();
        if (!redis.IsConfigured)
            return TrySpendHere(ticket, now) ? Spending.Spent : Spending.SpentBefore;
        var answer = await redis.TryRunAsync(Spend, [$"{redis.KeyPrefix}tickets:{ticket.Number:n}"], [(long)(ticket.Expires - now + Skew).TotalMilliseconds]);
        return answer is null ? Spending.Unknown : answer.IsNull ? Spending.SpentBefore : Spending.Spent;
    }

    private bool TrySpendHere(Ticket ticket, DateTimeOffset now)
    {
        if (now.Ticks >= Volatile.Read(ref _nextSweep))
        {
            Volatile.Write(ref _nextSweep, (now + SweepInterval).Ticks);
            foreach (var (number, expires) in _here)
            {
                if (expires <= now)
                    _here.TryRemove(number, out _);
            }
        }

        return _here.TryAdd(ticket.Number, ticket.Expires);
    }
}
