using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;

namespace RealtimeGateway.KeyRing;

/// <summary>
/// ASP.NET Core Data Protection with a key ring that the operator has chosen. By default it would write keys under the home folder, and under a name that
/// differs from one replica to the next.
/// </summary>
internal static partial class KeyRingExtensions
{
    /// <summary>Stands behind Redis, which must be connected before the keys are loaded.</summary>
    public static void AddKeyRing(this IHostApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().SetApplicationName("RealtimeGateway");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<LiveConfiguration, RedisLink, ILoggerFactory>(static (options, live, redis, loggers) =>
        {
            options.XmlRepository = Choose(live.Current, redis, loggers);
            options.XmlEncryptor = new NullXmlEncryptor(); // or every new key would be a warning; ours says it once
        });
    }

    private static IXmlRepository Choose(Snapshot snapshot, RedisLink redis, ILoggerFactory loggers)
    {
        if (snapshot.KeyRing.KeyRing is { Length: > 0 } folder)
        {
            Log.InClear(loggers.CreateLogger(typeof(KeyRingExtensions)), folder);
            return new FileSystemXmlRepository(new(folder), loggers);
        }

        return snapshot.Redis is null ? new MemoryKeys() : new RedisKeys(redis);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The keys in {Folder} (DataProtection:KeyRing) are in clear: who can read them can open and forge ids of calls")]
        public static partial void InClear(ILogger logger, string folder);
    }
}
