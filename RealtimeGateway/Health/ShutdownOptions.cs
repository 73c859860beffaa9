using System.ComponentModel.DataAnnotations;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Health;

/// <summary>Section <c>Shutdown</c>: how the process leaves. Read when it starts.</summary>
internal sealed class ShutdownOptions
{
    public const string SectionName = "Shutdown";

    /// <summary>How long a gateway that was told to stop says that it is not ready and serves all the same, so that load balancers look away first.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Grace { get; set; }

    public static ShutdownOptions Read(IConfiguration configuration, ConfigurationFaults faults) =>
        SectionReader.Read<ShutdownOptions>(configuration.GetSection(SectionName), faults);

    /// <summary>The time; none with a faulty one, which keeps the process from starting.</summary>
    public static TimeSpan GraceIn(IConfiguration configuration)
    {
        var faults = new ConfigurationFaults();
        var options = Read(configuration, faults);
        return faults.Any ? TimeSpan.Zero : options.Grace;
    }
}
