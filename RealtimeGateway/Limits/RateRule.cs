using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Limits;

/// <summary>Section <c>Limits:{name}</c>: how many requests one address may send in a window.</summary>
internal sealed class RateRuleOptions
{
    public const string SectionName = "Limits";

    /// <summary>Requests admitted in one window.</summary>
    [Range(1, 1_000_000)]
    public int Permits { get; set; } = 60;

    /// <summary>Length of the window, one second to one day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// A named limit that routes refer to by the metadata key <see cref="MetadataKey"/>. Rules are compared by value: one that a reload left
/// alone keeps its counters.
/// </summary>
internal sealed record RateRule(string Name, int Permits, TimeSpan Window)
{
    public const string MetadataKey = "Limit";

    public static FrozenDictionary<string, RateRule> Read(IConfiguration configuration, ConfigurationFaults faults) =>
        SectionReader.ReadNamed<RateRuleOptions>(configuration.GetSection(RateRuleOptions.SectionName), faults)
            .ToFrozenDictionary(pair => pair.Key, pair => new RateRule(pair.Key, pair.Value.Permits, pair.Value.Window), StringComparer.OrdinalIgnoreCase);
}
