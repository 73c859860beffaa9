namespace RealtimeGateway.Configuration;

/// <summary>Registers the live configuration and loads it for the first time.</summary>
internal static class ConfigurationExtensions
{
    public static void AddLiveConfiguration(this IHostApplicationBuilder builder)
    {
        ConfigurationSources.Prepare(builder);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ConfigurationSources>();
        builder.Services.AddSingleton<LiveConfiguration>();
        builder.Services.AddSingleton<ProxyTrial>();
        builder.Services.AddSingleton<ConfigurationLoader>();
        builder.Services.AddHostedService<ConfigurationWatcher>();
    }

    /// <summary>Loads the first configuration. <c>false</c>: it was refused, and the log says why.</summary>
    public static Task<bool> TryLoadConfigurationAsync(this WebApplication app) =>
        app.Services.GetRequiredService<ConfigurationLoader>().TryLoadAsync();
}
