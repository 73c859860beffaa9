using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using RealtimeGateway.Configuration;
using StackExchange.Redis;

namespace RealtimeGateway.Limits;

/// <summary>
/// Counts in Redis, for all replicas together. A key carries the rule's name and a hash of the rule and the partition: no identity, and the
/// same key on every replica that has the same rule.
/// </summary>
internal sealed class RedisLimits(RedisLink link, TimeProvider time) : ILeases
{
    // The braces put all keys into one slot of a cluster, which a script over several keys needs.
    private const string Slot = "{limits}:";

    private static readonly UInt128 Everybody = HashOf(UInt128.Zero);

    private readonly ConditionalWeakTable<LimitRule, Wording> _wordings = [];

    /// <summary>Takes a permit for each demand, or none at all; <see cref="Decision.Unknown"/> when Redis is away.</summary>
    public ValueTask<Decision> AcquireAsync(Demand[] demands, long lease) => DecideAsync(demands, 1, NameOf(lease));

    /// <summary>Whether each demand would be met now.</summary>
    public ValueTask<Decision> PeekAsync(Demand[] demands) => DecideAsync(demands, 0, RedisValue.EmptyString);

    public void Hold(Demand[] calls, long lease, TimeSpan span) => link.Run(ErrandOf(calls, lease, span));

    public void Renew(Demand[] calls, long lease, TimeSpan span)
    {
        if (link.IsUp)
            link.Run(ErrandOf(calls, lease, span) with { Tries = 1 });
    }

    public void Release(Demand[] calls, long lease) => link.Run(ErrandOf(calls, lease, TimeSpan.Zero) with { IsFinal = true });

    private RedisErrand ErrandOf(Demand[] calls, long lease, TimeSpan span)
    {
        var (name, asked) = (NameOf(lease), time.GetTimestamp());
        return new(
            name!, IsFinal: false, RedisScripts.Renew, KeysOf(calls),
            () => [name, Math.Max(0, (span - time.GetElapsedTime(asked)).Ticks / TimeSpan.TicksPerMicrosecond)]);
    }

    private async ValueTask<Decision> DecideAsync(Demand[] demands, int take, RedisValue lease)
    {
        var values = new RedisValue[2 + 4 * demands.Length];
        (values[0], values[1]) = (take, lease);
        for (var i = 0; i < demands.Length; i++)
            WordingOf(demands[i].Rule).Values.CopyTo(values.AsSpan(2 + 4 * i));

        if (await link.TryRunAsync(RedisScripts.Acquire, KeysOf(demands), values) is not { } answer)
            return Decision.Unknown;
        var refused = (int)answer[0];
        return refused is 0
            ? Decision.Admitted
            : new(demands[refused - 1].Rule, TimeSpan.FromMicroseconds((long)answer[1]));
    }

    // The rules of a request mostly count by one caller, who is hashed once for all of them.
    private RedisKey[] KeysOf(Demand[] demands)
    {
        var keys = new RedisKey[demands.Length];
        var (hashed, hash) = (UInt128.Zero, Everybody);
        for (var i = 0; i < demands.Length; i++)
        {
            var (rule, partition) = demands[i];
            if (partition != hashed && partition != UInt128.Zero)
                (hashed, hash) = (partition, HashOf(partition));
            keys[i] = NameOf(rule, partition == UInt128.Zero ? Everybody : hash);
        }

        return keys;
    }

    private string NameOf(LimitRule rule, UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash ^ WordingOf(rule).Hash);
        return $"{link.KeyPrefix}{Slot}{rule.Name}:{Convert.ToHexStringLower(bytes)}";
    }

    private static UInt128 HashOf(UInt128 partition)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, partition);
        return HashOf(bytes);
    }

    private static UInt128 HashOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private static RedisValue NameOf(long lease) => $"{lease:x}";

    private Wording WordingOf(LimitRule rule) => _wordings.GetValue(rule, static rule => Wording.Of(rule));

    /// <summary>A rule as the script reads it.</summary>
    private sealed record Wording(RedisValue[] Values, UInt128 Hash)
    {
        public static Wording Of(LimitRule rule) => new(
            [WireName.Of(rule.Kind), rule.Permits, rule.Window.Ticks / TimeSpan.TicksPerMicrosecond, rule.Burst],
            HashOf(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{rule.Kind} {rule.Permits} {rule.Window.Ticks} {rule.Burst} {rule.By}"))));
    }
}
