using System.Collections.Frozen;
using System.Globalization;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Limits;

/// <summary>
/// A named limit. Rules are compared by value: one that a reload left alone keeps its counters, one that it changed starts afresh.
/// </summary>
internal sealed record LimitRule(string Name, LimitKind Kind, int Permits, TimeSpan Window, int Burst, LimitBy By, WithoutRedis WithoutRedis)
{
    /// <summary>The most that may be saved up or going on at once, of a kind that is scanned for every request.</summary>
    private const int MaxConcurrency = 100_000;

    /// <summary>The rule that counts failed authentication, whatever the route.</summary>
    public const string FailedAuthentication = "failedauthentication";

    private static readonly LimitRule DefaultFailedAuthentication = new(
        FailedAuthentication, LimitKind.FixedWindow, Permits: 10, TimeSpan.FromMinutes(1), Burst: 10, LimitBy.Address, WithoutRedis.Local);

    /// <summary>The rule that counts what pages report about their calls.</summary>
    public const string WebRtcReports = "webrtcreports";

    // Thirty calls at the same time report 180 times a minute.
    private static readonly LimitRule DefaultWebRtcReports = new(
        WebRtcReports, LimitKind.TokenBucket, Permits: 300, TimeSpan.FromMinutes(1), Burst: 300, LimitBy.Caller, WithoutRedis.Local);

    // Every request looks for the counters of its rules, several times; the name tells nearly all of them apart.
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The rule of that name, or the one that stands for it when the section has none.</summary>
    public static LimitRule WebRtcReportsIn(IReadOnlyDictionary<string, LimitRule> rules, ConfigurationFaults faults)
    {
        if (!rules.TryGetValue(WebRtcReports, out var rule))
            return DefaultWebRtcReports;
        if (rule is { Kind: LimitKind.Concurrency } or { By: LimitBy.Profile })
            faults.Add($"{LimitOptions.SectionName}:{WebRtcReports}", "must count requests, and not by profile");
        return rule;
    }

    /// <summary>The rule of that name, or the one that stands for it when the section has none.</summary>
    public static LimitRule FailedAuthenticationIn(IReadOnlyDictionary<string, LimitRule> rules, ConfigurationFaults faults)
    {
        if (!rules.TryGetValue(FailedAuthentication, out var rule))
            return DefaultFailedAuthentication;
        if (rule is { Kind: LimitKind.Concurrency } or { By: not LimitBy.Address } or { WithoutRedis: WithoutRedis.Closed })
            faults.Add($"{LimitOptions.SectionName}:{FailedAuthentication}", "must count requests, by address, and go on without Redis");
        return rule;
    }

    /// <summary>Reads the section.</summary>
    public static FrozenDictionary<string, LimitRule> Read(IConfiguration configuration, ConfigurationFaults faults) =>
        SectionReader.ReadNamed<LimitOptions>(configuration.GetSection(LimitOptions.SectionName), faults)
            .ToFrozenDictionary(pair => pair.Key, pair => Read(pair.Key, pair.Value, faults), StringComparer.OrdinalIgnoreCase);

    private static LimitRule Read(string name, LimitOptions options, ConfigurationFaults faults)
    {
        var key = $"{LimitOptions.SectionName}:{name}";
        if (options.Burst is { } burst && options.Kind is not LimitKind.TokenBucket)
            faults.Add($"{key}:{nameof(options.Burst)}", burst.ToString(CultureInfo.InvariantCulture), $"belongs to {WireName.Of(LimitKind.TokenBucket)} only");
        if (options is { Kind: LimitKind.Concurrency, Permits: > MaxConcurrency })
            faults.Add($"{key}:{nameof(options.Permits)}", options.Permits.ToString(CultureInfo.InvariantCulture), $"must be between 1 and {MaxConcurrency} for {WireName.Of(LimitKind.Concurrency)}");
        return new(name, options.Kind, options.Permits, options.Window, options.Burst ?? options.Permits, options.By, options.WithoutRedis);
    }
}
