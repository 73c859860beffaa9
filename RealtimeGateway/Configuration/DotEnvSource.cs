using dotenv.net;
using Microsoft.Extensions.Configuration.Memory;

namespace RealtimeGateway.Configuration;

/// <summary>The variables of file <c>.env</c>, named as the environment names them; read once.</summary>
internal sealed class DotEnvSource : MemoryConfigurationSource
{
    public const string FileName = ".env";

    public DotEnvSource(string path) => InitialData = DotEnv.Read(new DotEnvOptions(envFilePaths: [path], ignoreExceptions: false))
        .GroupBy(
            pair => pair.Key.Replace("__", ":", StringComparison.Ordinal).Replace("export ", "", StringComparison.Ordinal),
            StringComparer.OrdinalIgnoreCase)
        .Select(group => KeyValuePair.Create(group.Key, (string?)group.Last().Value));
}
