using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
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

    /// <summary>The addresses, configured or bound already, that others than this machine can reach.</summary>
    public static IEnumerable<string> Open(IConfiguration configuration, IServer server) =>
        In(configuration).Union(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Where(address => !IsLocal(address));

    // All of them: which one wins depends on more settings than one.
    private static IEnumerable<string> In(IConfiguration configuration) =>
    [
        .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>(),
        .. Split(configuration["urls"]),
        .. Split(configuration["http_ports"]).Select(port => $"http://*:{port}"),
        .. Split(configuration["https_ports"]).Select(port => $"https://*:{port}"),
    ];

    private static string[] Split(string? value) => (value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsLocal(string address)
    {
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return false; // the server will say what is wrong with it
        }

        return binding.IsUnixPipe || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(binding.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
