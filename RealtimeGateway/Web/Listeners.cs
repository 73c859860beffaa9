using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RealtimeGateway.Web;

/// <summary>
/// Where the gateway listens: whatever <c>Kestrel:Endpoints</c>, <c>urls</c> or <c>http_ports</c> say, as in any ASP.NET Core application,
/// and otherwise <c>http://localhost:8000</c>.
/// </summary>
internal static class Listeners
{
    private const int DefaultPort = 8000;

    public static void AddListener(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IConfiguration>(static (kestrel, configuration) =>
        {
            kestrel.AddServerHeader = false;
            if (!In(configuration).Any())
                kestrel.ListenLocalhost(DefaultPort);
        });

    /// <summary>The configured addresses that others than this machine can reach.</summary>
    public static IEnumerable<string> OpenTo(IConfiguration configuration) => In(configuration).Where(address => !IsLocal(address));

    private static IEnumerable<string> In(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToArray();
        if (endpoints.Length > 0)
            return endpoints;
        var urls = Split(configuration["urls"]);
        return urls.Length > 0 ? urls : Split(configuration["http_ports"]).Concat(Split(configuration["https_ports"])).Select(port => $"http://*:{port}");
    }

    private static string[] Split(string? value) => (value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsLocal(string address)
    {
        var binding = BindingAddress.Parse(address);
        return binding.IsUnixPipe || binding.Host is "localhost" || (IPAddress.TryParse(binding.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
