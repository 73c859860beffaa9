using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Commands;

/// <summary>
/// The gateway with all its services and its configuration, put together and never started. The sources are the host's own, in the host's order; they
/// are listed here because the host itself gives up at a file that cannot be parsed, and takes no other file in place of <c>appsettings.json</c>.
/// </summary>
internal static class OfflineGateway
{
    /// <exception cref="ConfigurationRejectedException">A file cannot be read, or its folder is missing.</exception>
    public static WebApplication Build(OfflineArguments arguments, CommandConsole console)
    {
        var host = new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables("DOTNET_").Build();
        var root = arguments.ContentRoot ?? host[HostDefaults.ContentRootKey] ?? ContentRoot.Default;
        if (root is not null && !Directory.Exists(root))
            throw new ConfigurationRejectedException([new(HostDefaults.ContentRootKey, root, "there is no such folder")]);
        var builder = WebApplication.CreateEmptyBuilder(new()
        {
            ApplicationName = typeof(OfflineGateway).Assembly.GetName().Name,
            EnvironmentName = arguments.Environment ?? host[HostDefaults.EnvironmentKey] ?? Environments.Production,
            ContentRootPath = root,
        });
        AddSources(builder, arguments.Files);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        console.AddGateway(builder);
        return builder.Build();
    }

    private static void AddSources(WebApplicationBuilder builder, IReadOnlyList<string> files)
    {
        IConfigurationBuilder configuration = builder.Configuration;
        configuration.Sources.Clear();
        var faults = SourcesFor(builder.Environment, files).Select(source => FaultOf(configuration, source)).OfType<ConfigurationFault>().ToArray();
        if (faults.Length > 0)
            throw new ConfigurationRejectedException(faults);
    }

    /// <summary>What the host reads; with files, those in place of its own settings files.</summary>
    public static IEnumerable<IConfigurationSource> SourcesFor(IHostEnvironment environment, IReadOnlyList<string> files)
    {
        yield return new EnvironmentVariablesConfigurationSource { Prefix = "ASPNETCORE_" };
        yield return new EnvironmentVariablesConfigurationSource { Prefix = "DOTNET_" };
        if (files.Count == 0)
        {
            foreach (var stem in new[] { "appsettings", $"{environment.ApplicationName}.settings" })
            {
                yield return new JsonConfigurationSource { Path = $"{stem}.json", Optional = stem is not "appsettings" };
                yield return new JsonConfigurationSource { Path = $"{stem}.{environment.EnvironmentName}.json", Optional = true };
            }
        }

        foreach (var file in files)
            yield return new JsonConfigurationSource { Path = Path.GetFullPath(file) };
        if (environment.IsDevelopment())
            yield return new ConfigurationBuilder().AddUserSecrets(typeof(OfflineGateway).Assembly, optional: true).Sources[0];
        yield return new EnvironmentVariablesConfigurationSource();
    }

    private static ConfigurationFault? FaultOf(IConfigurationBuilder configuration, IConfigurationSource source)
    {
        try
        {
            if (source is FileConfigurationSource file)
                file.ResolveFileProvider();
            configuration.Add(source);
            return null;
        }
        catch (Exception e) when (ConfigurationSources.IsUnreadable(e))
        {
            return ConfigurationSources.Explain(e, ConfigurationLayers.NameOf(source, key: null));
        }
    }
}
