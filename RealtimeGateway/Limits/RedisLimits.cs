using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RealtimeGateway.Configuration;
using StackExchange.Redis;

namespace RealtimeGateway.Limits;

/// <summary>
/// Counts in Redis, for all replicas together. A key carries the rule's name and a hash of the rule and the partition: no identity, and the
/// same key on every replica that has the same rule.
/// </summary>
internal sealed class RedisLimits(RedisLink link) : ILeases
{
    // The braces put all keys into one slot of a cluster, which a script over several keys needs.
    private const string Slot = "{limits}:";

    private readonly ConcurrentDictionary<LimitRule, Wording> _wordings = new();

    /// <summary>Takes a permit for each demand, or none at all; <see cref="Decision.Unknown"/> when Redis is away.</summary>
    public ValueTask<Decision> AcquireAsync(Demand[] demands, long lease) => DecideAsync(demands, 1, NameOf(lease));

    /// <summary>Whether each demand would be met now.</summary>
    public ValueTask<Decision> PeekAsync(Demand[] demands) => DecideAsync(demands, 0, RedisValue.EmptyString);

    public void Renew(Demand[] calls, long lease, TimeSpan time) =>
        _ = link.TryRunAsync(RedisScripts.Renew, KeysOf(calls), [NameOf(lease), time.Ticks / TimeSpan.TicksPerMicrosecond]).AsTask();

    public void Release(Demand[] calls, long lease) => Renew(calls, lease, TimeSpan.Zero);

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

    private RedisKey[] KeysOf(Demand[] demands) => Array.ConvertAll(demands, KeyOf);

    private RedisKey KeyOf(Demand demand)
    {
        Span<byte> text = stackalloc byte[SHA256.HashSizeInBytes + 16];
        WordingOf(demand.Rule).Hash.CopyTo(text);
        BinaryPrimitives.WriteUInt128LittleEndian(text[SHA256.HashSizeInBytes..], demand.Partition);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return $"{link.KeyPrefix}{Slot}{demand.Rule.Name}:{Convert.ToHexStringLower(hash[..16])}";
    }

    private static RedisValue NameOf(long lease) => $"{lease:x}";

    private Wording WordingOf(LimitRule rule) => _wordings.GetOrAdd(rule, static rule => Wording.Of(rule));

    /// <summary>A rule as the script reads it.</summary>
    private sealed record Wording(RedisValue[] Values, byte[] Hash)
    {
        public static Wording Of(LimitRule rule) => new(
            [WireName.Of(rule.Kind), rule.Permits, rule.Window.Ticks / TimeSpan.TicksPerMicrosecond, rule.Burst],
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{rule.Kind} {rule.Permits} {rule.Window.Ticks} {rule.Burst} {rule.By}"))));
    }
}
