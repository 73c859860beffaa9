using System.Net;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Callers;

/// <summary>Section <c>Callers</c>: who may use the gateway.</summary>
internal sealed class CallersOptions
{
    public const string SectionName = "Callers";

    /// <summary>Lets anybody in who can reach a listener that is not loopback. An open mint endpoint is an open bill.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Reads the section; with a real credential, an open door must have been opened on purpose.</summary>
    public static void Read(IConfiguration configuration, bool hasRealUpstream, Faults faults)
    {
        var callers = SectionReader.Read<CallersOptions>(configuration.GetSection(SectionName), faults);
        if (!hasRealUpstream || callers.AllowAnonymous)
            return;
        foreach (var address in Listeners(configuration).Where(address => !IsLoopback(address)))
        {
            faults.Add($"{SectionName}:{nameof(AllowAnonymous)}", "false",
                $"the gateway would mint for anybody who can reach {address}; listen on loopback, or set it to true on purpose");
        }
    }

    private static IEnumerable<string> Listeners(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToArray();
        if (endpoints.Length > 0)
            return endpoints;
        var urls = Split(configuration["urls"]).ToArray();
        return urls.Length > 0
            ? urls
            : Split(configuration["http_ports"]).Concat(Split(configuration["https_ports"])).Select(port => $"http://*:{port}");
    }

    private static IEnumerable<string> Split(string? value) =>
        (value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address);
        return host.IsUnixPipe || host.Host is "localhost" || (IPAddress.TryParse(host.Host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
