using dotenv.net;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace RealtimeGateway.Configuration;

/// <summary>
/// The host's own list of configuration sources, read afresh for every candidate. The framework's reload is switched off for them: it
/// empties a file's data when it cannot be parsed, and says nothing.
/// </summary>
internal sealed class ConfigurationSources(IConfiguration configuration)
{
    private const string DotEnvFile = ".env";

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
            file.Optional = file.Path is not "appsettings.json";
            sources[i] = file; // assigning it again replaces the provider, and with it the watcher
        }

        var dotEnv = Path.Combine(builder.Environment.ContentRootPath, DotEnvFile);
        if (builder.Environment.IsDevelopment() && File.Exists(dotEnv))
            sources.Insert(IndexAfterFiles(sources), ReadDotEnv(dotEnv));
    }

    /// <summary>Reads every source again; a last, empty provider takes what the gateway itself adds.</summary>
    /// <exception cref="ConfigurationRejectedException">A file cannot be read or parsed, or one that was there is gone.</exception>
    public IConfigurationRoot Read()
    {
        LastRead = Contents();
        var missing = _present.Where(file => !File.Exists(file)).ToArray();
        if (missing.Length > 0)
            throw new ConfigurationRejectedException([.. missing.Select(file => new ConfigurationFault(Path.GetFileName(file), Value: null, "was there and is gone"))]);

        try
        {
            var withoutSecrets = Build(_sources.Sources);
            _secrets = SecretFiles.Of(withoutSecrets, ReadContent);
            LastRead = [.. LastRead[..Files.Count()], .. _secrets?.Contents() ?? []];
            if (_secrets is null)
                return withoutSecrets;
            var index = IndexAfterFiles(_sources.Sources);
            return Build([.. _sources.Sources.Take(index), _secrets.Source(), .. _sources.Sources.Skip(index)]);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ConfigurationRejectedException([Explain(e)]);
        }
    }

    /// <summary>From now on a file that exists today must not vanish: an editor's or a volume's hiccup is not a change of mind.</summary>
    public void Remember() => _present = [.. Files.Where(File.Exists)];

    private IConfigurationRoot Build(IEnumerable<IConfigurationSource> sources)
    {
        var builder = new ConfigurationBuilder();
        foreach (var (key, value) in _sources.Properties)
            builder.Properties[key] = value;
        foreach (var source in sources)
            builder.Add(source);
        return builder.Add(new MemoryConfigurationSource()).Build();
    }

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

    private static MemoryConfigurationSource ReadDotEnv(string path) => new()
    {
        InitialData = DotEnv.Read(new DotEnvOptions(envFilePaths: [path], ignoreExceptions: false))
            .GroupBy(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal).Replace("export ", "", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase)
            .Select(group => KeyValuePair.Create(group.Key, (string?)group.Last().Value)),
    };

    private static int IndexAfterFiles(IList<IConfigurationSource> sources) =>
        sources.Select((source, index) => source is JsonConfigurationSource ? index + 1 : 0).Max();

    private string? PhysicalPath(FileConfigurationSource source)
    {
        source.EnsureDefaults(_sources);
        return source.Path is null ? null : source.FileProvider?.GetFileInfo(source.Path).PhysicalPath;
    }

    // The framework wraps the parser's words, which name the line, in others that name the folder.
    private ConfigurationFault Explain(Exception exception)
    {
        var file = Files.FirstOrDefault(file => exception.Message.Contains(file, StringComparison.Ordinal)) ?? _secrets?.NamedIn(exception.Message);
        var cause = exception.GetBaseException();
        return new ConfigurationFault(file is null ? "configuration" : Path.GetFileName(file), Value: null, cause is FileNotFoundException ? "is missing" : cause.Message);
    }
}
