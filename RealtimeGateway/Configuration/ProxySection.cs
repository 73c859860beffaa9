using System.Collections;
using System.Globalization;
using System.Reflection;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sockets;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>
/// Reads section <c>ReverseProxy</c> with YARP's own reader, and looks for what that reader overlooks: a misspelt key, which it ignores.
/// </summary>
internal static class ProxySection
{
    private const string SectionName = "ReverseProxy";

    // Each with what may stand beside it.
    private static readonly string[][] OwnTransforms =
    [
        [SessionTransformFactory.ProfileKey, SessionTransformFactory.SessionKey], [SessionTransformFactory.ResponseKey], [QueryAllowedFactory.Key],
        [CallTransformFactory.OfferKey, SessionTransformFactory.SessionKey], [CallTransformFactory.AnswerKey], [SessionEventsFactory.Key, SessionTransformFactory.SessionKey],
    ];

    public static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var section = configuration.GetSection(SectionName);
        var own = new ConfigurationFaults();
        foreach (var other in section.GetChildren().Where(child => child.Key is not ("Routes" or "Clusters")))
            own.AddUnknown(other.Path, ["Routes", "Clusters"]);
        foreach (var route in section.GetSection("Routes").GetChildren())
        {
            CheckKeys(route, typeof(RouteConfig), own);
            CheckTransforms(route.GetSection("Transforms"), own);
        }

        foreach (var cluster in section.GetSection("Clusters").GetChildren())
            CheckKeys(cluster, typeof(ClusterConfig), own);
        faults.AddRange(own);
        return Read(Without(own.List, configuration).GetSection(SectionName), faults);
    }

    /// <summary>What YARP's reader makes of it. It is internal; a container of its own hands it out.</summary>
    private static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) Read(IConfigurationSection section, ConfigurationFaults faults)
    {
        try
        {
            var services = new ServiceCollection().AddLogging();
            services.AddReverseProxy().LoadFromConfig(section);
            using var provider = services.BuildServiceProvider();
            var read = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
            return (read.Routes, read.Clusters);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            faults.Add(SectionName, e.GetBaseException().Message);
            return ([], []);
        }
    }

    /// <summary>The section without the keys that have a fault already: YARP's reader would stop at the first, and the others would stay unnamed.</summary>
    private static IConfiguration Without(IReadOnlyList<ConfigurationFault> faulty, IConfiguration configuration)
    {
        var keys = faulty.Select(fault => fault.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.GetSection(SectionName).AsEnumerable().Where(pair => !keys.Contains(pair.Key)))
            .Build();
    }

    private static void CheckKeys(IConfigurationSection section, Type type, ConfigurationFaults faults)
    {
        var properties = PropertiesOf(type).ToArray();
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(properties, property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                faults.AddUnknown(child.Path, properties.Select(known => known.Name));
            else
                CheckValue(child, property.PropertyType, faults);
        }
    }

    /// <summary>What can be configured; the name of a route or cluster is its key.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
        .Where(property => property.CanWrite && (type, property.Name) is var setting
            && setting != (typeof(RouteConfig), nameof(RouteConfig.RouteId)) && setting != (typeof(ClusterConfig), nameof(ClusterConfig.ClusterId)));

    // YARP's own words know what may stand beside them.
    private static void CheckTransforms(IConfigurationSection transforms, ConfigurationFaults faults)
    {
        foreach (var keys in transforms.GetChildren().Select(transform => transform.GetChildren().ToArray()))
        {
            if (Array.Find(OwnTransforms, words => Array.Exists(keys, key => key.Key.Equals(words[0], StringComparison.OrdinalIgnoreCase))) is { } known)
                foreach (var other in keys.Where(key => !known.Contains(key.Key, StringComparer.OrdinalIgnoreCase)))
                    faults.AddUnknown(other.Path, known);
        }
    }

    private static void CheckValue(IConfigurationSection section, Type type, ConfigurationFaults faults)
    {
        CheckNested(section, type, faults);
        var scalar = Nullable.GetUnderlyingType(type) ?? type;
        if (IsFlags(scalar))
            foreach (var word in section.GetChildren().Where(word => !Enum.TryParse(scalar, word.Value, ignoreCase: true, out _)))
                faults.Add(word.Path, word.Value, MustBeOneOf(scalar));
        if (section.Value is { } text && !Reads(scalar, text))
            faults.Add(section.Path, text, scalar.IsEnum ? MustBeOneOf(scalar) : $"must be {SectionReader.Describe(scalar)}");
    }

    private static string MustBeOneOf(Type words) => $"must be one of {string.Join(", ", Enum.GetNames(words))}";

    // As YARP reads them.
    private static bool Reads(Type type, string text) => type switch
    {
        _ when type == typeof(bool) => bool.TryParse(text, out _),
        _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(TimeSpan) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _),
        _ when type == typeof(Version) => text.Length == 0 || Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : $"{text}.0", out _),
        _ when type == typeof(Uri) => text.Length == 0 || Uri.TryCreate(text, UriKind.Absolute, out _),
        { IsEnum: true } => IsFlags(type) || Enum.TryParse(type, text, ignoreCase: true, out _),
        _ => true,
    };

    /// <summary>Whether a setting is a list of the words of this type.</summary>
    public static bool IsFlags(Type type) => type.IsDefined(typeof(FlagsAttribute), inherit: false);

    private static void CheckNested(IConfigurationSection section, Type type, ConfigurationFaults faults)
    {
        if (IsOfYarp(type))
            CheckKeys(section, type, faults);
        else if (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && IsOfYarp(type.GetGenericArguments().LastOrDefault()))
            section.GetChildren().ToList().ForEach(item => CheckKeys(item, type.GetGenericArguments()[^1], faults));
    }

    private static bool IsOfYarp(Type? type) => type is { IsClass: true, Namespace: { } name } && name.StartsWith("Yarp.", StringComparison.Ordinal);
}
