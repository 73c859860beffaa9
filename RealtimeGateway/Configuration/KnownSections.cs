using System.Collections;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using RealtimeGateway.Callers;
using RealtimeGateway.Credentials;
using RealtimeGateway.Health;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;
using RealtimeGateway.Sessions;
using RealtimeGateway.Simulator;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>What may stand at the top of a settings file: the gateway's own sections, with the classes that they are read into, and the framework's.</summary>
internal static class KnownSections
{
    /// <summary>The gateway's own by path. A dictionary stands for <c>{section}:{name}</c>.</summary>
    public static readonly IReadOnlyDictionary<string, Type> Own = new Dictionary<string, Type>
    {
        [UpstreamVariables.Endpoint] = typeof(string),
        [UpstreamVariables.ApiKey] = typeof(string),
        [UpstreamVariables.Deployment] = typeof(string),
        [UpstreamVariables.ApiVersion] = typeof(string),
        [UpstreamVariables.WebRtcUrl] = typeof(string),
        [AllowedHosts.SettingName] = typeof(string),
        [CallersOptions.SectionName] = typeof(CallersOptions),
        [CorsPolicyOptions.SectionName] = typeof(Dictionary<string, CorsPolicyOptions>),
        [CredentialOptions.SectionName] = typeof(Dictionary<string, CredentialOptions>),
        [InboundOptions.SectionName] = typeof(InboundOptions),
        [LimitOptions.SectionName] = typeof(Dictionary<string, LimitOptions>),
        [KeyRingOptions.SectionName] = typeof(KeyRingOptions),
        [ManagementOptions.SectionName] = typeof(ManagementOptions),
        [Proxies.SettingName] = typeof(List<string>),
        [SessionProfileOptions.SectionName] = typeof(Dictionary<string, SessionProfileOptions>),
        [RedisOptions.SectionName] = typeof(RedisOptions),
        ["ReverseProxy:Clusters"] = typeof(Dictionary<string, ClusterConfig>),
        ["ReverseProxy:Routes"] = typeof(Dictionary<string, RouteConfig>),
        [SecretsOptions.SectionName] = typeof(SecretsOptions),
        [ShutdownOptions.SectionName] = typeof(ShutdownOptions),
        [SimulatorOptions.SectionName] = typeof(SimulatorOptions),
        [TelemetryOptions.SectionName] = typeof(TelemetryOptions),
    };

    /// <summary>What the host, the server and the logging read, and what an editor does.</summary>
    public static readonly IReadOnlyList<string> Framework =
    [
        "$schema", "ConnectionStrings", "DetailedErrors", "HTTP_PORTS", "HTTPS_PORT", "HTTPS_PORTS", "Kestrel", "Logging", "Metrics",
        "PreferHostingUrls", "ShutdownTimeoutSeconds", "Urls",
    ];

    /// <summary>What the variables of OpenTelemetry begin with.</summary>
    public const string OpenTelemetry = "OTEL_";

    private static readonly HashSet<string> TopLevel = new(Own.Keys.Select(path => path.Split(':')[0]).Concat(Framework), StringComparer.OrdinalIgnoreCase);

    public static bool IsTopLevel(string key) => TopLevel.Contains(key) || key.StartsWith(OpenTelemetry, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the key stands in one of the gateway's own sections.</summary>
    public static bool IsOwn(string key) => Own.Keys.Any(section => IsAtOrBelow(section.Split(':')[0], key));

    /// <summary>Whether a section of this type is read into a class of the gateway's own.</summary>
    public static bool IsOptions([NotNullWhen(true)] Type? type) =>
        type is { IsClass: true, Namespace: { } name } && type != typeof(IConfigurationSection) && name.StartsWith("RealtimeGateway", StringComparison.Ordinal);

    /// <summary>Whether a setting of this type is one value, and no group of settings.</summary>
    public static bool IsValue([NotNullWhen(true)] Type? type) =>
        type is not null && (type == typeof(IConfigurationSection) || TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)));

    /// <summary>What a setting is read into, down to its number or text; <c>null</c> when no class knows the key.</summary>
    public static Type? TypeOf(string key)
    {
        if (Own.FirstOrDefault(section => IsAtOrBelow(section.Key, key)) is not { Key: { } path, Value: { } type })
            return null;
        Type? found = type;
        foreach (var segment in key[path.Length..].Split(':', StringSplitOptions.RemoveEmptyEntries))
            found = found is null ? null : Below(found, segment);
        return found is null ? null : Nullable.GetUnderlyingType(found) ?? found;
    }

    private static bool IsAtOrBelow(string section, string key) =>
        key.StartsWith(section, StringComparison.OrdinalIgnoreCase) && (key.Length == section.Length || key[section.Length] is ':');

    private static Type? Below(Type type, string segment)
    {
        if (type == typeof(IConfigurationSection))
            return type; // anything at all
        if (type.IsGenericType && type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type))
            return type.GetGenericArguments()[^1];
        return type == typeof(string) || type.IsValueType
            ? null
            : ProxySection.PropertiesOf(type).FirstOrDefault(property => property.Name.Equals(segment, StringComparison.OrdinalIgnoreCase))?.PropertyType;
    }

    /// <summary>Names the misspelt sections of settings files. Variables are not judged: an environment is full of other people's.</summary>
    public static void Check(ConfigurationLayers layers, ConfigurationFaults faults)
    {
        foreach (var (key, file) in layers.TopLevelKeysOfFiles.Where(top => !IsTopLevel(top.Key)))
            faults.AddUnknown(key, Own.Keys.Select(path => path.Split(':')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), file);
        // The simulator reads its own section, and overlooks what it does not know.
        foreach (var child in layers.Root.GetSection(SimulatorOptions.SectionName).GetChildren().Where(child => TypeOf(child.Path) is null))
            faults.AddUnknown(child.Path, ProxySection.PropertiesOf(typeof(SimulatorOptions)).Select(known => known.Name));
    }
}
