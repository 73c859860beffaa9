using OpenTelemetry.Metrics;

namespace RealtimeGateway.Telemetry;

/// <summary>Metrics by OpenTelemetry, scraped by Prometheus at <c>/metrics</c>.</summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<CallMetrics>();
        builder.Services.AddSingleton<TokenMetrics>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(GatewayMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime")
            .AddView(WithoutAddresses)
            .AddPrometheusExporter());
    }

    public static void UseRequestLog(this IApplicationBuilder app) => app.UseMiddleware<RequestLog>();

    public static void MapMetrics(this IEndpointRouteBuilder endpoints) => endpoints.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();

    // HttpClient's own instruments are labelled with the host they went to; destinations are told apart by the gateway's.
    private static MetricStreamConfiguration? WithoutAddresses(System.Diagnostics.Metrics.Instrument instrument) =>
        instrument.Meter.Name is "System.Net.Http" or "System.Net.NameResolution"
            ? new MetricStreamConfiguration
            {
                TagKeys = ["http.request.method", "http.response.status_code", "http.connection.state", "network.protocol.version", "error.type"],
            }
            : null;
}
