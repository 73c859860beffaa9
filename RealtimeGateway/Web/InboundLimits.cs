using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Web;

/// <summary>Section <c>Inbound</c>: what one request and one connection may bring. The server takes it over when it starts.</summary>
internal sealed class InboundOptions
{
    public const string SectionName = "Inbound";

    /// <summary>Objects and lists within each other that a JSON body may have.</summary>
    public const int MaxJsonDepth = 32;

    /// <summary>Size of a body in bytes, on routes without a <c>MaxRequestBodySize</c> of their own.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Size of method, path, query and version in bytes.</summary>
    [Range(1024, 65536)]
    public int MaxRequestLineBytes { get; set; } = 8 * 1024;

    /// <summary>Size of all header fields together, in bytes.</summary>
    [Range(1024, 262144)]
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>Number of header fields.</summary>
    [Range(16, 1000)]
    public int MaxHeaders { get; set; } = 64;

    /// <summary>Time from the first byte of a request to the end of its header.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that a connection may be silent between two requests.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Bytes per second at which a body must come in, and a response be taken, on average.</summary>
    [Range(1, 1_000_000)]
    public int MinBytesPerSecond { get; set; } = 240;

    /// <summary>Time until that rate is asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan MinRateGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections at the same time, WebSockets apart.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>WebSockets at the same time.</summary>
    [Range(1, 1_000_000)]
    public int MaxWebSockets { get; set; } = 10_000;

    /// <summary>Requests at the same time on one HTTP/2 connection.</summary>
    [Range(1, 1000)]
    public int MaxStreamsPerConnection { get; set; } = 100;

    /// <summary>Size in bytes of the table by which HTTP/2 compresses headers.</summary>
    [Range(0, 65536)]
    public int MaxHeaderTableBytes { get; set; } = 4096;

    public static InboundOptions Read(IConfiguration configuration, ConfigurationFaults faults) =>
        SectionReader.Read<InboundOptions>(configuration.GetSection(SectionName), faults);
}

/// <summary>Sets the server's limits by section <c>Inbound</c>.</summary>
internal static class InboundLimits
{
    public static void AddInboundLimits(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IConfiguration>(static (kestrel, configuration) =>
        {
            var faults = new ConfigurationFaults();
            var inbound = InboundOptions.Read(configuration, faults);
            if (!faults.Any) // the loader names them, and the process does not start
                Apply(inbound, kestrel.Limits);
        });

    private static void Apply(InboundOptions inbound, KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = inbound.MaxBodyBytes;
        limits.MaxRequestLineSize = inbound.MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = inbound.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = inbound.MaxHeaders;
        limits.RequestHeadersTimeout = inbound.HeaderTimeout;
        limits.KeepAliveTimeout = inbound.IdleTimeout;
        limits.MinRequestBodyDataRate = new(inbound.MinBytesPerSecond, inbound.MinRateGrace);
        limits.MinResponseDataRate = new(inbound.MinBytesPerSecond, inbound.MinRateGrace);
        limits.MaxConcurrentConnections = inbound.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = inbound.MaxWebSockets;
        limits.Http2.MaxStreamsPerConnection = inbound.MaxStreamsPerConnection;
        limits.Http2.HeaderTableSize = inbound.MaxHeaderTableBytes;
        limits.Http2.MaxRequestHeaderFieldSize = inbound.MaxHeaderBytes;
    }
}
