using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RealtimeGateway.Health;

namespace RealtimeGateway.Web;

/// <summary>
/// Where the gateway listens: whatever <c>Kestrel:Endpoints</c>, <c>urls</c> or <c>http_ports</c> say, as in any ASP.NET Core application,
/// and otherwise <c>http://localhost:8000</c>.
/// </summary>
internal static class Listeners
{
    private const int DefaultPort = 8000;

    public static void AddListener(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerCertificates>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<ServerCertificates>());
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IConfiguration, ServerCertificates>(static (kestrel, configuration, certificates) =>
        {
            kestrel.AddServerHeader = false;
            certificates.Apply(kestrel);
            if (!In(configuration).Any())
                kestrel.ListenLocalhost(DefaultPort);
            if (ManagementOptions.PortIn(configuration) is { } management && !AreAddresses(configuration))
                kestrel.ListenAnyIP(management);
        });
    }

    /// <summary>Whether the server listens at addresses and not at endpoints: it takes one or the other.</summary>
    public static bool AreAddresses(IConfiguration configuration) =>
        In(configuration).Any() && !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    /// <summary>The ports of everything that is configured.</summary>
    public static IEnumerable<int> PortsIn(IConfiguration configuration) =>
        In(configuration).DefaultIfEmpty($"http://localhost:{DefaultPort}").Select(address => Parse(address)?.Port).OfType<int>();

    /// <summary>The first address as this machine calls it.</summary>
    public static string FromHere(IConfiguration configuration) =>
        In(configuration).Select(Parse).OfType<BindingAddress>().FirstOrDefault(binding => !binding.IsUnixPipe) is { } binding
            ? $"{binding.Scheme}://{(binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : binding.Host)}:{binding.Port}"
            : $"http://localhost:{DefaultPort}";

    /// <summary>The addresses, configured or bound already, that others than this machine can reach.</summary>
    public static IEnumerable<string> Open(IConfiguration configuration, IServer server)
    {
        var management = ManagementOptions.PortIn(configuration); // where nobody can mint
        return In(configuration).Union(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            .Where(address => !IsLocal(address) && (management is null || Parse(address)?.Port != management));
    }

    // All of them: which one wins depends on more settings than one.
    private static IEnumerable<string> In(IConfiguration configuration) =>
    [
        .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>(),
        .. Split(configuration["urls"]),
        .. Split(configuration["http_ports"]).Select(port => $"http://*:{port}"),
        .. Split(configuration["https_ports"]).Select(port => $"https://*:{port}"),
    ];

    private static string[] Split(string? value) => (value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // What cannot be parsed the server will complain about.
    private static bool IsLocal(string address) => Parse(address) is { } binding
        && (binding.IsUnixPipe || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(binding.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));

    private static BindingAddress? Parse(string address)
    {
        try
        {
            return BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
