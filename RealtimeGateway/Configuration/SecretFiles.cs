using System.Text;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;

namespace RealtimeGateway.Configuration;

/// <summary>Section <c>Secrets</c>: settings that are mounted as files, one in each.</summary>
internal sealed class SecretsOptions
{
    public const string SectionName = "Secrets";

    /// <summary>
    /// Absolute path of a directory in which every file is a setting: its name the key, with <c>__</c> for a colon, its content the value. Secret volumes
    /// of Kubernetes look like that. Hidden entries and sub-directories are not read.
    /// </summary>
    public string? Directory { get; set; }
}

/// <summary>The files of <c>Secrets:Directory</c> as they stood when the configuration was last read.</summary>
internal sealed class SecretFiles
{
    private const string Key = $"{SecretsOptions.SectionName}:{nameof(SecretsOptions.Directory)}";

    private readonly string _directory;
    private readonly Func<string, byte[]> _read;
    private readonly string[] _paths;
    private readonly string[] _filled;

    private SecretFiles(string directory, Func<string, byte[]> read)
    {
        (_directory, _read, _paths) = (directory, read, Paths(directory));
        _filled = [.. _paths.Where(path => read(path).Length > 0)];
    }

    /// <summary>The files that the configuration so far names; <c>null</c> when it names none.</summary>
    /// <param name="configuration">What the other sources say.</param>
    /// <param name="read">Reads a file; nothing, when it cannot be read.</param>
    public static SecretFiles? Of(IConfiguration configuration, Func<string, byte[]> read)
    {
        var faults = new ConfigurationFaults();
        var directory = SectionReader.Read<SecretsOptions>(configuration.GetSection(SecretsOptions.SectionName), faults).Directory?.Trim();
        if (!string.IsNullOrEmpty(directory) && !Path.IsPathFullyQualified(directory))
            faults.Add(Key, "must be the absolute path of a directory"); // the value may be a secret in the wrong place
        if (faults.Any)
            throw new ConfigurationRejectedException(faults.List);
        return string.IsNullOrEmpty(directory) ? null : new(directory, read);
    }

    /// <summary>Whether one of them is gone or empty at the moment.</summary>
    public bool AreIncomplete => Array.Exists(_filled, path => _read(path).Length == 0);

    /// <summary>Names and contents as they are now.</summary>
    public IEnumerable<byte[]> Contents() => Paths(_directory).SelectMany(path => new[] { Encoding.UTF8.GetBytes(Path.GetFileName(path)), _read(path) });

    /// <summary>The file that this text of an exception is about.</summary>
    public string? NamedIn(string text) => Array.Find(_paths, path => text.Contains($"'{path}'", StringComparison.Ordinal));

    public IConfigurationSource Source()
    {
        if (!Directory.Exists(_directory))
            throw new ConfigurationRejectedException([new(Key, _directory, "is no directory")]);
        return new KeyPerFileConfigurationSource { FileProvider = new PhysicalFileProvider(_directory), ReloadOnChange = false };
    }

    private static string[] Paths(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)];
        }
        // Not there, or not there yet: whoever reads it explains that.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
