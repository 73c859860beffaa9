using System.Runtime.ExceptionServices;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using RealtimeGateway.Limits;
using StackExchange.Redis;

namespace RealtimeGateway.KeyRing;

/// <summary>
/// Keys that all replicas share, as a list in Redis. Data Protection reads them when the process starts and once a day, and writes a new one about every three
/// months. (The framework's own package for this is built for another major version of the client library.)
/// </summary>
internal sealed class RedisKeys(RedisLink link, TimeProvider time) : IXmlRepository
{
    // Replicas that start together would each make a key which the others learn of only the next day. So the first one counts; the others read it.
    private const string Append = "if redis.call('LLEN', KEYS[1]) == tonumber(ARGV[2]) then redis.call('RPUSH', KEYS[1], ARGV[1]) end";

    // In the first two minutes of a process Data Protection reads them anew, and blocks a thread, for whatever none of them has sealed; and anybody can send forgeries.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private RedisValue[] _known = [];
    private Exception? _failure;
    private long? _readAt;

    private RedisKey Key => $"{link.KeyPrefix}keys";

    private IDatabase Database => link.Database ?? throw new InvalidOperationException("Redis has not been connected yet.");

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_lock)
        {
            if (_readAt is not { } readAt || time.GetElapsedTime(readAt) >= Freshness)
                Read();
            if (_failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
        }

        return Array.ConvertAll(_known, static key => XElement.Parse((string)key!));
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_lock)
        {
            _readAt = null;
            Wait(Database.ScriptEvaluateAsync(Append, [Key], [element.ToString(SaveOptions.DisableFormatting), _known.Length], CommandFlags.NoScriptCache));
        }
    }

    // A failure is as good for a second as keys are: those who wait for the lock must not wait for Redis one after the other.
    private void Read()
    {
        try
        {
            (_known, _failure) = (Wait(Database.ListRangeAsync(Key)), null);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            _failure = e;
        }

        _readAt = time.GetTimestamp();
    }

    // Data Protection cannot wait asynchronously. A thread that waits for a task tells the pool so and gets a stand-in at once. One that waits within the client does not, and on one
    // core, where the pool begins with one thread, nobody would read Redis' answer until half a second has passed.
    private static T Wait<T>(Task<T> answer) => answer.GetAwaiter().GetResult();
}
