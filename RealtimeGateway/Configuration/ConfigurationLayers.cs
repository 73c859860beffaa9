using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.FileProviders;

namespace RealtimeGateway.Configuration;

/// <summary>The configuration as it was read, with the memory of where each value comes from. The last source that has a key wins.</summary>
internal sealed class ConfigurationLayers
{
    private readonly (IConfigurationSource Source, IConfigurationProvider Provider)[] _layers;
    private readonly MemoryConfigurationProvider _own = new(new());
    private readonly Dictionary<string, string> _origins = new(StringComparer.OrdinalIgnoreCase);

    public ConfigurationLayers(IConfigurationBuilder builder, IEnumerable<IConfigurationSource> sources)
    {
        _layers = [.. sources.Select(source => (source, source.Build(builder)))];
        Root = new ConfigurationRoot([.. _layers.Select(layer => layer.Provider), _own]);
    }

    public IConfigurationRoot Root { get; }

    /// <summary>The keys at the top of every settings file, with the file's name.</summary>
    public IEnumerable<(string Key, string File)> TopLevelKeysOfFiles =>
        from layer in _layers
        where layer.Source is JsonConfigurationSource
        from key in layer.Provider.GetChildKeys([], parentPath: null).Distinct(StringComparer.OrdinalIgnoreCase)
        select (key, NameOf(layer.Source, key));

    /// <summary>Adds what the gateway concludes itself, with the place that it was concluded from.</summary>
    public void Set(string key, string? value, string origin)
    {
        _own.Set(key, value);
        _origins[key] = origin;
    }

    /// <summary>Where the value comes from; of a group, the places that add to it; of something missing, the place of the group around it.</summary>
    public string? OriginOf(string key)
    {
        if (key.Contains(", ", StringComparison.Ordinal))
            return Join(key.Split(", ").Select(OriginOf).OfType<string>());
        if (_origins.TryGetValue(key, out var origin))
            return origin;
        if (Array.FindLast(_layers, layer => layer.Provider.TryGet(key, out var value) && value is not null) is { Source: { } source })
            return NameOf(source, key);
        if (Join(_layers.Where(layer => layer.Provider.GetChildKeys([], key).Any()).Select(layer => NameOf(layer.Source, key: null))) is { } group)
            return group;
        return ConfigurationPath.GetParentPath(key) is { } parent ? OriginOf(parent) : null;
    }

    private static string? Join(IEnumerable<string> names) =>
        string.Join(", ", names.Distinct(StringComparer.Ordinal)) is { Length: > 0 } joined ? joined : null;

    /// <summary>What people call the source, and the variable or file in it that holds <paramref name="key"/>; never a folder.</summary>
    public static string NameOf(IConfigurationSource source, string? key) => source switch
    {
        JsonConfigurationSource { FileProvider: PhysicalFileProvider { Root: var folder } }
            when folder.Contains("usersecrets", StringComparison.OrdinalIgnoreCase) => "user secrets",
        FileConfigurationSource { Path: { } path } => Path.GetFileName(path),
        EnvironmentVariablesConfigurationSource when key is null => "environment",
        EnvironmentVariablesConfigurationSource { Prefix: var prefix } => $"environment variable {prefix}{NameFor(key!)}",
        CommandLineConfigurationSource => "command line",
        KeyPerFileConfigurationSource when key is null => "secret files",
        KeyPerFileConfigurationSource => $"secret file {NameFor(key!)}",
        DotEnvSource => ".env",
        _ => "host",
    };

    private static string NameFor(string key) => Redaction.Mask(key).Replace(":", "__", StringComparison.Ordinal);
}
