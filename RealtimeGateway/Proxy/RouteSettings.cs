using System.Collections.Frozen;
using System.Globalization;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>What a route's metadata says to the gateway.</summary>
/// <param name="Timeout">
/// The whole time that the upstream may take, answer included; none for routes that stream. (YARP's own <c>Timeout</c> would answer the caller
/// with an empty 400.)
/// </param>
/// <param name="Limits">What limits requests to this route, and calls begun by them.</param>
/// <param name="Gate">Who may come to this route.</param>
internal sealed record RouteSettings(TimeSpan? Timeout, RouteLimits? Limits, Gate? Gate)
{
    /// <summary>Whether callers may come to it without proving who they are.</summary>
    public bool AdmitsAnonymous => Gate?.Access.Admits(Caller.Anonymous) is true;

    private const string TimeoutKey = "Timeout";

    public static readonly RouteSettings None = new(Timeout: null, Limits: null, Gate: null);

    private static readonly string[] KnownMetadata = [TimeoutKey, RouteLimits.MetadataKey, Access.SettingName];

    public static FrozenDictionary<string, RouteSettings> Read(
        IEnumerable<RouteConfig> routes, IReadOnlyDictionary<string, LimitRule> limits, FrozenDictionary<string, SessionProfile> profiles,
        CallerSchemes callers, CorsPolicies cors, ConfigurationFaults faults) =>
        routes.ToFrozenDictionary(route => route.RouteId, route => Read(route, limits, profiles, callers, cors, faults), StringComparer.OrdinalIgnoreCase);

    private static RouteSettings Read(
        RouteConfig route, IReadOnlyDictionary<string, LimitRule> limits, FrozenDictionary<string, SessionProfile> profiles,
        CallerSchemes callers, CorsPolicies cors, ConfigurationFaults faults)
    {
        var key = $"ReverseProxy:Routes:{route.RouteId}";
        if (route.Timeout is not null || route.TimeoutPolicy is not null)
            faults.Add($"{key}:Timeout", $"would answer with an empty 400; use Metadata:{TimeoutKey} instead");
        foreach (var (name, value) in new[]
        {
            ("AuthorizationPolicy", route.AuthorizationPolicy), ("OutputCachePolicy", route.OutputCachePolicy), ("RateLimiterPolicy", route.RateLimiterPolicy),
        })
        {
            if (value is not null)
                faults.Add($"{key}:{name}", value, $"is not supported; callers are named by Metadata:{Access.SettingName}, a rate limit by Metadata:{RouteLimits.MetadataKey}");
        }

        foreach (var unknown in (route.Metadata?.Keys ?? []).Except(KnownMetadata, StringComparer.OrdinalIgnoreCase))
            faults.AddUnknown($"{key}:Metadata:{unknown}", KnownMetadata);
        return new(
            ReadTimeout(route, key, faults),
            RouteLimits.Read(route, key, limits, profiles, SessionTransformFactory.ProfileOf(route), faults),
            ReadGate(route, key, callers, cors, faults));
    }

    private static Gate ReadGate(RouteConfig route, string key, CallerSchemes callers, CorsPolicies cors, ConfigurationFaults faults)
    {
        var list = (route.Metadata?.GetValueOrDefault(Access.SettingName) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new(callers, Access.Read($"{key}:Metadata:{Access.SettingName}", list, callers, faults), cors.For(route, faults));
    }

    private static TimeSpan? ReadTimeout(RouteConfig route, string key, ConfigurationFaults faults)
    {
        if (route.Metadata?.GetValueOrDefault(TimeoutKey) is not { } text)
            return null;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var timeout) && timeout > TimeSpan.Zero && timeout <= TimeSpan.FromHours(1))
            return timeout;
        faults.Add($"{key}:Metadata:{TimeoutKey}", text, "must be a time span up to one hour, such as 00:00:15");
        return null;
    }
}
