using Microsoft.AspNetCore.Hosting.Server;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Callers;

/// <summary>Section <c>Callers</c>: who may use the gateway.</summary>
internal sealed class CallersOptions
{
    public const string SectionName = "Callers";

    /// <summary>Lets anybody in who can reach a listener that is not loopback. An open mint endpoint is an open bill.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Reads the section. With a real upstream, a door to the network must have been opened on purpose.</summary>
    public static void Read(IConfiguration configuration, IServer server, bool hasRealUpstream, ConfigurationFaults faults)
    {
        var callers = SectionReader.Read<CallersOptions>(configuration.GetSection(SectionName), faults);
        if (!hasRealUpstream || callers.AllowAnonymous)
            return;
        foreach (var address in Listeners.Open(configuration, server))
        {
            faults.Add($"{SectionName}:{nameof(AllowAnonymous)}", "false",
                $"the gateway would mint for anybody who can reach {address}; listen on loopback, or set it to true on purpose (Callers__AllowAnonymous=true)");
        }
    }
}
