using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;

namespace RealtimeGateway.KeyRing;

/// <summary>The keys where the configuration wants them. It decides when they are first needed: Data Protection is put together before a configuration is loaded.</summary>
internal sealed partial class ConfiguredKeys(LiveConfiguration live, RedisLink redis, TimeProvider time, ILoggerFactory loggers) : IXmlRepository
{
    private readonly Lazy<IXmlRepository> _keys = new(() => Choose(live.Current, redis, time, loggers));

    public IXmlRepository Chosen => _keys.Value;

    /// <exception cref="KeysAwayException">They could not be read.</exception>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        try
        {
            return Chosen.GetAllElements();
        }
        catch (Exception e)
        {
            throw new KeysAwayException(e);
        }
    }

    public void StoreElement(XElement element, string friendlyName) => Chosen.StoreElement(element, friendlyName);

    private static IXmlRepository Choose(Snapshot snapshot, RedisLink redis, TimeProvider time, ILoggerFactory loggers)
    {
        if (snapshot.KeyRing.KeyRing is { Length: > 0 } folder)
        {
            Log.InClear(loggers.CreateLogger<ConfiguredKeys>(), folder);
            return new FileSystemXmlRepository(new(folder), loggers);
        }

        return snapshot.Redis is null ? new MemoryKeys() : new RedisKeys(redis, time);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The keys in {Folder} (DataProtection:KeyRing) are in clear: who can read them can open and forge ids of calls and tickets")]
        public static partial void InClear(ILogger logger, string folder);
    }
}

/// <summary>Where the keys are cannot be reached, so nobody can tell whether they have sealed something. Data Protection wraps it in what it throws for a forgery.</summary>
internal sealed class KeysAwayException(Exception cause) : Exception("The keys cannot be read.", cause);
