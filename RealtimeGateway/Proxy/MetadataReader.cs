using System.Globalization;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>Reads the metadata of a YARP route, cluster or destination: texts, with rules of ours.</summary>
/// <param name="key">Where the metadata's owner stands in the configuration, for faults.</param>
internal readonly struct MetadataReader(IReadOnlyDictionary<string, string>? metadata, string key, ConfigurationFaults faults)
{
    public string? Text(string name) => metadata?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public int? Number(string name, int least, int most)
    {
        if (Text(name) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Refuse(name, text, $"must be a whole number from {least} to {most}");
        return null;
    }

    /// <summary>A time span above zero.</summary>
    public TimeSpan? Time(string name, TimeSpan most)
    {
        if (Text(name) is not { } text)
            return null;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero && time <= most)
            return time;
        Refuse(name, text, $"must be a time span up to {most:c}, such as 00:00:05");
        return null;
    }

    public void Refuse(string name, string value, string rule) => faults.Add($"{key}:Metadata:{name}", value, rule);

    public void RefuseUnknown(IReadOnlyCollection<string> known)
    {
        foreach (var unknown in (metadata?.Keys ?? []).Except(known, StringComparer.OrdinalIgnoreCase))
            faults.AddUnknown($"{key}:Metadata:{unknown}", known);
    }
}
