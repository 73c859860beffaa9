namespace RealtimeGateway.Configuration;

/// <summary>The folder of <c>appsettings.json</c> and <c>wwwroot</c>: the working directory, or the program's own when only that has them.</summary>
internal static class ContentRoot
{
    private const string SettingsFile = "appsettings.json";

    /// <summary>The program's folder when it is the one to use; <c>null</c> leaves the choice to the host.</summary>
    public static string? Find() =>
        !File.Exists(SettingsFile) && File.Exists(Path.Combine(AppContext.BaseDirectory, SettingsFile)) ? AppContext.BaseDirectory : null;
}
