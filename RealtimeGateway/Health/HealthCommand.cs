using RealtimeGateway.Commands;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Health;

/// <summary>
/// <c>health [URL]</c>: asks the gateway on this machine, or the one at the address, whether it is ready, and exits with 0 when it is and with 1 when it is not. For
/// containers, whose image has neither shell nor client; so it builds nothing and judges nothing.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] arguments, CommandConsole console)
    {
        if (arguments.Length > 1 || !Uri.TryCreate(arguments.Length > 0 ? arguments[0] : AddressHere(), UriKind.Absolute, out var gateway) || !gateway.Scheme.StartsWith("http", StringComparison.Ordinal))
        {
            await console.Error.WriteLineAsync("health takes one address at most, such as http://localhost:8000");
            return CommandLine.WrongUsage;
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(gateway, "/health/ready"));
            await console.Output.WriteLineAsync($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return answer.IsSuccessStatusCode ? CommandLine.Success : CommandLine.Failure;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await console.Output.WriteLineAsync($"{gateway.GetLeftPart(UriPartial.Authority)} does not answer: {e.Message}");
            return CommandLine.Failure;
        }
    }

    // The host's own files and variables, without the host.
    private static string AddressHere()
    {
        var environment = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environments.Production;
        var configuration = new ConfigurationBuilder()
            .SetBasePath(ContentRoot.Default ?? Directory.GetCurrentDirectory())
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddJsonFile(ConfigurationSources.SettingsFile, optional: true).AddJsonFile($"appsettings.{environment}.json", optional: true)
            .AddEnvironmentVariables().Build();
        return ManagementOptions.PortIn(configuration) is { } port ? $"http://127.0.0.1:{port}" : Listeners.FromHere(configuration);
    }
}
