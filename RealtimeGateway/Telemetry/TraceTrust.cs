using System.Diagnostics;
using System.Net;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Telemetry;

/// <summary>Section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>
    /// Callers, by address or network, whose W3C trace context (<c>traceparent</c>) is taken over; nobody by default. Anybody else's would let strangers
    /// decide what is sampled.
    /// </summary>
    public List<string> TraceContextFrom { get; set; } = [];
}

/// <summary>Whose traces go on in the gateway's spans.</summary>
internal sealed class TraceTrust(List<IPNetwork> networks)
{
    public static TraceTrust Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var section = configuration.GetSection(TelemetryOptions.SectionName);
        SectionReader.Read<TelemetryOptions>(section, faults);
        return new(Networks.Read(section.GetSection(nameof(TelemetryOptions.TraceContextFrom)), faults));
    }

    /// <summary>The span that the request belongs to; none unless its caller is trusted and says so.</summary>
    public ActivityContext ParentOf(HttpContext context)
    {
        var headers = context.Request.Headers;
        return IsTrusted(context.Connection.RemoteIpAddress) && ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent)
            ? parent
            : default;
    }

    private bool IsTrusted(IPAddress? address)
    {
        if (networks.Count == 0 || address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Exists(network => network.Contains(plain));
    }
}
