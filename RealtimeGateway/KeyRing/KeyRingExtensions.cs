using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;

namespace RealtimeGateway.KeyRing;

/// <summary>
/// ASP.NET Core Data Protection with a key ring that the operator has chosen. By default it would write keys under the home folder, and under a name that
/// differs from one replica to the next.
/// </summary>
internal static class KeyRingExtensions
{
    /// <summary>Stands behind Redis, which must be connected before the keys are loaded.</summary>
    public static void AddKeyRing(this IHostApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().SetApplicationName("RealtimeGateway");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<LiveConfiguration, RedisLink, TimeProvider, ILoggerFactory>(static (options, live, redis, time, loggers) =>
        {
            options.XmlRepository = new ConfiguredKeys(live, redis, time, loggers);
            options.XmlEncryptor = new NullXmlEncryptor(); // or every new key would be a warning; ours says it once
        });
    }
}
