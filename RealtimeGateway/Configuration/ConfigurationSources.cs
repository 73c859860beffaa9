using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace RealtimeGateway.Configuration;

/// <summary>
/// The host's own list of configuration sources, read afresh for every candidate. The framework's reload is switched off for them: it
/// empties a file's data when it cannot be parsed, and says nothing.
/// </summary>
internal sealed class ConfigurationSources(IConfiguration configuration)
{
    public const string SettingsFile = "appsettings.json";

    private readonly IConfigurationBuilder _sources = (IConfigurationBuilder)configuration;
    private HashSet<string> _present = [];
    private SecretFiles? _secrets;

    /// <summary>What stood in the files when they were last read.</summary>
    public byte[][] LastRead { get; private set; } = [];

    private IEnumerable<string> Files => _sources.Sources.OfType<FileConfigurationSource>().Select(PhysicalPath).OfType<string>().Distinct();

    /// <summary>What stands in the files now; a missing one counts as empty.</summary>
    public byte[][] Contents() => [.. Files.Select(ReadContent), .. _secrets?.Contents() ?? []];

    /// <summary>Whether a secret file that had a content is gone or empty; perhaps only for a moment, while its volume is written anew.</summary>
    public bool LackSecrets => _secrets?.AreIncomplete is true;

    /// <summary>Switches the framework's reload off, requires <c>appsettings.json</c>, and adds <c>.env</c> in Development.</summary>
    public static void Prepare(IHostApplicationBuilder builder)
    {
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        for (var i = 0; i < sources.Count; i++)
        {
            if (sources[i] is not FileConfigurationSource file)
                continue;
            file.ReloadOnChange = false;
            file.Optional &= file.Path is not SettingsFile;
            sources[i] = file; // assigning it again replaces the provider, and with it the watcher
        }

        var dotEnv = Path.Combine(builder.Environment.ContentRootPath, DotEnvSource.FileName);
        if (builder.Environment.IsDevelopment() && File.Exists(dotEnv))
            sources.Insert(IndexAfterFiles(sources), new DotEnvSource(dotEnv));
    }

    /// <summary>Reads every source again.</summary>
    /// <exception cref="ConfigurationRejectedException">A file cannot be read or parsed, or one that was there is gone.</exception>
    public ConfigurationLayers Read()
    {
        LastRead = Contents();
        var missing = _present.Where(file => !File.Exists(file)).ToArray();
        if (missing.Length > 0)
            throw new ConfigurationRejectedException([.. missing.Select(file => Whole(Path.GetFileName(file), "was there and is gone"))]);

        try
        {
            return WithSecrets(_sources.Sources.Select(Freeze).ToList());
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            var all = _sources.Sources.Append(_secrets?.Source()).OfType<IConfigurationSource>();
            throw new ConfigurationRejectedException([.. all.Select(FaultOf).OfType<ConfigurationFault>()]);
        }
    }

    // Which directory holds secret files is itself a setting, of any other source.
    private ConfigurationLayers WithSecrets(List<IConfigurationSource> all)
    {
        var without = new ConfigurationLayers(_sources, all);
        try
        {
            _secrets = SecretFiles.Of(without.Root, ReadContent);
            LastRead = [.. LastRead[..Files.Count()], .. _secrets?.Contents() ?? []];
            if (_secrets is null)
                return without;
            all.Insert(IndexAfterFiles(_sources.Sources), _secrets.Source());
        }
        catch (ConfigurationRejectedException e)
        {
            throw new ConfigurationRejectedException([.. e.Faults.Select(fault => fault.In(without))]);
        }

        return new(_sources, all);
    }

    /// <summary>From now on a file that exists today must not vanish: an editor's or a volume's hiccup is not a change of mind.</summary>
    public void Remember() => _present = [.. Files.Where(File.Exists)];

    private static byte[] ReadContent(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllBytes(file) : [];
        }
        // In the middle of being replaced: another look follows, and loading it explains what is wrong if it stays so.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int IndexAfterFiles(IList<IConfigurationSource> sources) =>
        sources.Select((source, index) => source is JsonConfigurationSource ? index + 1 : 0).Max();

    private string? PhysicalPath(FileConfigurationSource source)
    {
        source.EnsureDefaults(_sources);
        return source.Path is null ? null : source.FileProvider?.GetFileInfo(source.Path).PhysicalPath;
    }

    // A provider over another configuration listens to it for as long as that lives, and so would keep every configuration that was ever read.
    private static IConfigurationSource Freeze(IConfigurationSource source) => source is ChainedConfigurationSource { Configuration: { } inner }
        ? new MemoryConfigurationSource { InitialData = inner.AsEnumerable().Where(pair => pair.Value is not null) }
        : source;

    /// <summary>What is wrong with the source as a whole; <c>null</c> when it can be read.</summary>
    private ConfigurationFault? FaultOf(IConfigurationSource source)
    {
        try
        {
            Freeze(source).Build(_sources).Load();
            return null;
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return Explain(e, _secrets?.NamedIn(e.Message) is { } file ? $"secret file {Path.GetFileName(file)}" : ConfigurationLayers.NameOf(source, key: null));
        }
    }

    public static bool IsUnreadable(Exception exception) =>
        exception is InvalidDataException or IOException or UnauthorizedAccessException or FormatException;

    private static ConfigurationFault Whole(string source, string rule) => new(Key: null, Value: null, rule, source);

    /// <summary>Why a source cannot be read. The framework wraps the parser's words, which name the line, in others that name the folder.</summary>
    public static ConfigurationFault Explain(Exception exception, string source) => Whole(source, exception.GetBaseException() switch
    {
        JsonException json => $"is not valid JSON in line {json.LineNumber + 1}: {Redaction.Mask(json.Message.Split(" LineNumber: ")[0])}",
        FormatException format => Redaction.Mask(format.Message),
        FileNotFoundException or DirectoryNotFoundException => "is missing",
        var other => $"cannot be read ({other.GetType().Name})",
    });
}
