using System.Diagnostics.CodeAnalysis;

namespace RealtimeGateway.Configuration;

/// <summary>The folder of <c>appsettings.json</c> and <c>wwwroot</c>: the working directory, or the program's own when only that has them.</summary>
internal static class ContentRoot
{
    /// <summary>Creates the host's builder there. <c>false</c> when there is no such folder, or a settings file cannot be parsed; the error output says which.</summary>
    public static bool TryCreateBuilder(string[] args, [NotNullWhen(true)] out WebApplicationBuilder? builder)
    {
        try
        {
            builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = Default });
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or DirectoryNotFoundException)
        {
            builder = null;
            var file = Path.GetFileName(e.Message.Split('\'').ElementAtOrDefault(1)) ?? "configuration"; // the framework puts the path in quotes
            var why = e is InvalidDataException ? ConfigurationSources.Explain(e, file).ToString() : $"contentRoot: there is no such folder: {e.Message}";
            Console.Error.WriteLine($"Configuration refused, the gateway does not start. {why}");
            return false;
        }
    }

    /// <summary>The program's folder when it is the one to use; <c>null</c> leaves the choice to the host.</summary>
    public static string? Default =>
        !File.Exists(ConfigurationSources.SettingsFile) && File.Exists(Path.Combine(AppContext.BaseDirectory, ConfigurationSources.SettingsFile)) ? AppContext.BaseDirectory : null;
}
