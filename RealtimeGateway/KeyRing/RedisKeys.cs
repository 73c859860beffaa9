using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using RealtimeGateway.Limits;
using StackExchange.Redis;

namespace RealtimeGateway.KeyRing;

/// <summary>
/// Keys that all replicas share, as a list in Redis. Data Protection reads them when the process starts and once a day, and writes a new one about every three
/// months. (The framework's own package for this is built for another major version of the client library.)
/// </summary>
internal sealed class RedisKeys(RedisLink link) : IXmlRepository
{
    // Replicas that start together would each make a key which the others learn of only the next day. So the first one counts; the others read it.
    private const string Append = "if redis.call('LLEN', KEYS[1]) == tonumber(ARGV[2]) then redis.call('RPUSH', KEYS[1], ARGV[1]) end";

    private int _known;

    private RedisKey Key => $"{link.KeyPrefix}keys";

    private IDatabase Database => link.Database ?? throw new InvalidOperationException("Redis has not been connected yet.");

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var keys = Wait(Database.ListRangeAsync(Key));
        Volatile.Write(ref _known, keys.Length);
        return Array.ConvertAll(keys, static key => XElement.Parse((string)key!));
    }

    public void StoreElement(XElement element, string friendlyName) =>
        Wait(Database.ScriptEvaluateAsync(Append, [Key], [element.ToString(SaveOptions.DisableFormatting), Volatile.Read(ref _known)], CommandFlags.NoScriptCache));

    // Data Protection cannot wait asynchronously. A thread that waits for a task tells the pool so and gets a stand-in at once. One that waits within the client does not, and on one
    // core, where the pool begins with one thread, nobody would read Redis' answer until half a second has passed.
    private static T Wait<T>(Task<T> answer) => answer.GetAwaiter().GetResult();
}
