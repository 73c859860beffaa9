using System.Collections.Frozen;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Limits;

/// <summary>
/// The limits that a route names, all of which must agree: <c>"Metadata": { "Limit": "sessions;sessionsperday" }</c>.
/// </summary>
/// <param name="Rules">In the order of their names, which is the order in which they are locked.</param>
/// <param name="Profile">The route's own session profile; empty on a route without one.</param>
internal sealed record RouteLimits(LimitRule[] Rules, string Profile, FrozenDictionary<string, SessionProfile> Profiles)
{
    public const string MetadataKey = "Limit";

    /// <summary>How many of the rules count calls.</summary>
    public int CallRules { get; } = Rules.Count(static rule => rule.Kind is LimitKind.Concurrency);

    /// <summary>How long the first of them to lapse counts a call that nobody renews.</summary>
    public TimeSpan ShortestCall { get; } = Rules.Where(static rule => rule.Kind is LimitKind.Concurrency).Select(static rule => rule.Window).DefaultIfEmpty().Min();

    /// <summary>The limit of an endpoint of the gateway's own.</summary>
    public static RouteLimits Of(LimitRule rule, FrozenDictionary<string, SessionProfile> profiles) => new([rule], "", profiles);

    /// <summary>The limits of one route; <c>null</c> when it names none.</summary>
    /// <param name="key">The route's key in the configuration, for faults.</param>
    public static RouteLimits? Read(
        RouteConfig route, string key, IReadOnlyDictionary<string, LimitRule> known, FrozenDictionary<string, SessionProfile> profiles, string? profile, ConfigurationFaults faults)
    {
        if (route.Metadata?.GetValueOrDefault(MetadataKey) is not { } text)
            return null;

        var names = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        if (names.Length == 0)
            faults.Add($"{key}:Metadata:{MetadataKey}", text, $"must name entries of section {LimitOptions.SectionName}, separated by semicolons");
        foreach (var name in names.Where(name => !known.ContainsKey(name)))
            faults.Add($"{key}:Metadata:{MetadataKey}", name, $"names no entry of section {LimitOptions.SectionName}");

        LimitRule[] rules = [.. names.Where(known.ContainsKey).Select(name => known[name]).OrderBy(rule => rule.Name, StringComparer.Ordinal)];
        foreach (var rule in rules.Where(rule => rule.By is LimitBy.Profile && profile is null))
            faults.Add($"{key}:Metadata:{MetadataKey}", rule.Name, "counts by profile, and this route has no SessionProfile");
        return new(rules, profile ?? "", profiles);
    }
}

/// <summary>Metadata of an endpoint of the gateway's own that is limited.</summary>
/// <param name="In">The limit, as it is in the snapshot in force.</param>
internal sealed record EndpointLimit(Func<Snapshot, RouteLimits> In);
