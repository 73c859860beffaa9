using Microsoft.Extensions.Options;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Telemetry;

/// <summary>What section <c>Logging</c> says about levels, as it is in force now. (What the framework reads by itself would stay as it was when the process began.)</summary>
internal sealed class LogLevels : ConfigurationProvider
{
    private const string SectionName = "Logging";
    private const string LevelsName = "LogLevel";

    /// <summary>Lets the levels in force decide what is logged, and nothing else that was read from a file.</summary>
    public static void Add(IHostApplicationBuilder builder)
    {
        var levels = new LogLevels();
        levels.Use(Read(builder.Configuration, new ConfigurationFaults())); // a wrong one is refused when the configuration is loaded
        foreach (var ofTheFramework in builder.Services.Where(IsFromConfiguration).ToArray())
            builder.Services.Remove(ofTheFramework);
        builder.Logging.AddConfiguration(new ConfigurationRoot([levels]));
        builder.Services.AddSingleton(levels);
    }

    /// <summary>The levels of a candidate, by path below the section.</summary>
    public static IReadOnlyDictionary<string, string> Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var levels = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in configuration.GetSection(SectionName).AsEnumerable(makePathsRelative: true))
        {
            if (string.IsNullOrEmpty(value) || !path.Split(':').SkipLast(1).Contains(LevelsName, StringComparer.OrdinalIgnoreCase))
                continue;
            if (Enum.TryParse<LogLevel>(value, ignoreCase: true, out var level) && Enum.IsDefined(level))
                levels[path] = value;
            else
                faults.Add($"{SectionName}:{path}", value, $"must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}");
        }

        return levels;
    }

    public void Use(IReadOnlyDictionary<string, string> levels)
    {
        Data = levels.ToDictionary(level => level.Key, string? (level) => level.Value, StringComparer.OrdinalIgnoreCase);
        OnReload();
    }

    private static bool IsFromConfiguration(ServiceDescriptor service) =>
        service.ServiceType == typeof(IConfigureOptions<LoggerFilterOptions>) && service.ImplementationInstance?.GetType().Name is "LoggerFilterConfigureOptions";
}
