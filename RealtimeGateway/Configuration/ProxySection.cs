using System.Collections;
using System.Reflection;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>
/// Reads section <c>ReverseProxy</c> with YARP's own reader, and looks for what that reader overlooks: a misspelt key, which it ignores.
/// </summary>
internal static class ProxySection
{
    private const string SectionName = "ReverseProxy";

    public static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var section = configuration.GetSection(SectionName);
        foreach (var other in section.GetChildren().Where(child => child.Key is not ("Routes" or "Clusters")))
            faults.AddUnknown(other.Path, ["Routes", "Clusters"]);
        foreach (var route in section.GetSection("Routes").GetChildren())
            CheckKeys(route, typeof(RouteConfig), faults);
        foreach (var cluster in section.GetSection("Clusters").GetChildren())
            CheckKeys(cluster, typeof(ClusterConfig), faults);

        try
        {
            // YARP's reader is internal; a container of its own hands it out.
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

    private static void CheckKeys(IConfigurationSection section, Type type, ConfigurationFaults faults)
    {
        var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite).ToArray();
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(properties, property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                faults.AddUnknown(child.Path, properties.Select(known => known.Name));
            else
                CheckNested(child, property.PropertyType, faults);
        }
    }

    private static void CheckNested(IConfigurationSection section, Type type, ConfigurationFaults faults)
    {
        if (IsOfYarp(type))
            CheckKeys(section, type, faults);
        else if (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && IsOfYarp(type.GetGenericArguments().LastOrDefault()))
            section.GetChildren().ToList().ForEach(item => CheckKeys(item, type.GetGenericArguments()[^1], faults));
    }

    private static bool IsOfYarp(Type? type) => type is { IsClass: true, Namespace: { } name } && name.StartsWith("Yarp.", StringComparison.Ordinal);
}
