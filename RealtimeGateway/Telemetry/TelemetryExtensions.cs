using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RealtimeGateway.Health;
using ZLogger;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// Metrics by OpenTelemetry, scraped by Prometheus at <c>/metrics</c>; with <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> they go to a collector as well (unless <c>OTEL_METRICS_EXPORTER</c> names other exporters only), and
/// traces with them.
/// Logs are JSON, but for Development.
/// </summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<CallMetrics>();
        builder.Services.AddSingleton<TokenMetrics>();
        builder.Services.AddSingleton<WebRtcMetrics>();
        builder.Services.AddSingleton<YarpMetrics>();
        builder.Services.AddSingleton<StandingCounts>();
        builder.Services.AddSingleton<BatchedMeasurements>();
        LogLevels.Add(builder);
        // It logs next to nothing and puts the path of every request into a scope, ids of calls included. For that it also makes a span for every request, and nobody reads either.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (!builder.Environment.IsDevelopment() && HasConsole(builder))
            AddJsonLog(builder.Logging);
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(GatewayMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime")
            .AddView(static instrument => StandingCounts.Keeps(instrument) || BatchedMeasurements.Keeps(instrument) ? MetricStreamConfiguration.Drop : WithoutAddresses(instrument) ?? OfFewSeries(instrument))
            .AddPrometheusExporter());
        // Which exporters there are is decided once; OpenTelemetry reads the other variables by itself.
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            if (SendsMetrics(builder.Configuration))
                telemetry.WithMetrics(metrics => metrics.AddOtlpExporter());
            telemetry.WithTracing(traces => traces.AddSource(RequestSpan.SourceName).AddOtlpExporter());
        }
    }

    // Every exporter keeps figures of its own, so a scraped gateway is spared the second ones when the variable says that nobody wants them.
    private static bool SendsMetrics(IConfiguration configuration) =>
        configuration["OTEL_METRICS_EXPORTER"] is not { Length: > 0 } exporters || exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp");

    // A command has none: what it prints is its answer.
    private static bool HasConsole(IHostApplicationBuilder builder) => builder.Services.Any(service => service.ImplementationType == typeof(ConsoleLoggerProvider));

    // The framework's console wakes a thread and writes for every line, and ZLogger's own for every few; bench/run.sh shows what telemetry costs.
    private static void AddJsonLog(ILoggingBuilder logging) => logging.ClearProviders().AddZLoggerLogProcessor(static (options, services) =>
    {
        options.UseFormatter(static () => new JsonLines());
        return new BatchedLog(options.CreateFormatter(), Console.OpenStandardOutput(), services.GetRequiredService<TimeProvider>());
    });

    public static void UseRequestLog(this IApplicationBuilder app) => app.UseMiddleware<RequestLog>();

    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        if (!endpoints.ServiceProvider.GetRequiredService<IConfiguration>().GetValue<bool>("OTEL_SDK_DISABLED"))
        {
            endpoints.ServiceProvider.GetRequiredService<YarpMetrics>(); // they listen from now on
            endpoints.ServiceProvider.GetRequiredService<StandingCounts>();
            endpoints.ServiceProvider.GetRequiredService<BatchedMeasurements>();
        }

        endpoints.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new HttpMethodMetadata(HealthEndpoints.GetOrHead)).AllowAnonymous();
    }

    // HttpClient's own instruments are labelled with the host they went to; destinations are told apart by the gateway's.
    private static MetricStreamConfiguration? WithoutAddresses(System.Diagnostics.Metrics.Instrument instrument) =>
        instrument.Meter.Name is "System.Net.Http" or "System.Net.NameResolution" && !BatchedMeasurements.IsSecond(instrument)
            ? new MetricStreamConfiguration
            {
                TagKeys = ["http.request.method", "http.response.status_code", "http.connection.state", "network.protocol.version", "error.type"],
            }
            : null;

    // Memory for all series that an instrument may have is taken at its first one: 190 KB for the 2000 that OpenTelemetry thinks of, and the runtime's have a handful each.
    private static MetricStreamConfiguration? OfFewSeries(System.Diagnostics.Metrics.Instrument instrument) =>
        instrument.Meter.Name is "System.Runtime" or "Microsoft.AspNetCore.Server.Kestrel" ? new MetricStreamConfiguration { CardinalityLimit = 100 } : null;
}
