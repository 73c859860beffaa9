using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Configuration;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

namespace RealtimeGateway.Health;

/// <summary>Section <c>Management</c>: what operators and their tools ask for. Read when the process starts.</summary>
internal sealed class ManagementOptions
{
    public const string SectionName = "Management";

    /// <summary>A port of its own for <c>/metrics</c> and <c>/health/details</c>, on every interface; by default they stand beside the API.</summary>
    [Range(1, 65535)]
    public int? Port { get; set; }

    public static ManagementOptions Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var options = SectionReader.Read<ManagementOptions>(configuration.GetSection(SectionName), faults);
        if (options.Port is { } port && Listeners.PortsIn(configuration).Contains(port))
            faults.Add($"{SectionName}:{nameof(Port)}", port.ToString(CultureInfo.InvariantCulture), "is where the gateway itself listens");
        return options;
    }

    /// <summary>The port; <c>null</c> without one, and with a faulty one, which keeps the process from starting.</summary>
    public static int? PortIn(IConfiguration configuration)
    {
        var faults = new ConfigurationFaults();
        var options = Read(configuration, faults);
        return faults.Any ? null : options.Port;
    }
}

/// <summary>
/// What operators and their tools ask for, and nobody else should. On a port of its own there is nothing besides it and the probes: no caller, no
/// limit and no list of host names stands in the way of a scraper, and no route leads out.
/// </summary>
internal static class ManagementPort
{
    /// <summary>Answers what comes in by that port, if there is one, and lets nothing of it go further.</summary>
    public static void UseManagementPort(this WebApplication app)
    {
        if (ManagementOptions.PortIn(app.Configuration) is { } port)
            app.MapWhen(context => context.Connection.LocalPort == port, Answer);
    }

    /// <summary>Without a port of its own, the same endpoints beside the others.</summary>
    public static void MapManagement(this WebApplication app)
    {
        if (ManagementOptions.PortIn(app.Configuration) is null)
            MapManagement((IEndpointRouteBuilder)app);
    }

    private static void Answer(IApplicationBuilder management)
    {
        management.UseRouting();
        management.UseEndpoints(endpoints =>
        {
            var group = endpoints.MapGroup("").ExcludeFromDescription();
            group.MapHealth();
            MapManagement(group);
        });
    }

    private static void MapManagement(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthDetails();
        endpoints.MapMetrics();
    }
}

/// <summary>
/// Has a server that listens where <c>urls</c> or <c>http_ports</c> say listen there as well. (Anywhere else <see cref="Listeners"/> does it: addresses
/// and endpoints exclude each other.) The host has read its addresses by the time it asks its filters.
/// </summary>
internal sealed class ManagementAddress(IConfiguration configuration) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (ManagementOptions.PortIn(configuration) is { } port && Listeners.AreAddresses(configuration))
            app.ServerFeatures.GetRequiredFeature<IServerAddressesFeature>().Addresses.Add($"http://*:{port}");
        next(app);
    };
}
