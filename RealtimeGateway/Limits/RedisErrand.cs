using StackExchange.Redis;

namespace RealtimeGateway.Limits;

/// <summary>A script that nobody waits for. While Redis is away it waits itself, one for each thing that it may be about: the latest, unless an earlier one was final.</summary>
/// <param name="Values">Asked when it is run.</param>
internal sealed record RedisErrand(string About, bool IsFinal, RedisScript Script, RedisKey[] Keys, Func<RedisValue[]> Values)
{
    /// <summary>How often it is run, at most, that it finds Redis away: it may be the errand that Redis cannot do.</summary>
    public int Tries { get; init; } = 5;
}
