using System.Text.Json.Serialization;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Health;

/// <summary>Probes: <c>/health</c> for people, <c>/health/live</c> and <c>/health/ready</c> for orchestrators. None of them calls upstream.</summary>
internal static class HealthEndpoints
{
    public static readonly string[] GetOrHead = ["GET", "HEAD"];

    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<IStartupFilter, ManagementAddress>();
        builder.AddShutdown();
    }

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("/health").WithTags("Health").AllowAnonymous();
        health.MapMethods("/", GetOrHead, Describe).WithSummary("How this replica is, and which configuration is in force.");
        health.MapMethods("/live", GetOrHead, () => TypedResults.Json(new ProbeAnswer("live"), HealthJson.Default.ProbeAnswer)).WithSummary("The process runs.");
        health.MapMethods("/ready", GetOrHead, Probe).WithSummary("This replica wants traffic: 200, or 503 while it has no configuration or is draining.")
            .Produces<ProbeAnswer>().Produces<ProbeAnswer>(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Describe(Readiness readiness, LiveConfiguration live) => TypedResults.Json(
        new HealthAnswer(
            StatusOf(readiness, live),
            new(live.Current.Version, live.Current.LoadedAt, live.Rejection?.Since)),
        HealthJson.Default.HealthAnswer);

    public static string StatusOf(Readiness readiness, LiveConfiguration live) =>
        readiness.IsDraining ? "draining" : live.Rejection is null ? "healthy" : "degraded";

    private static IResult Probe(Readiness readiness) => TypedResults.Json(
        new ProbeAnswer(readiness.IsReady ? "ready" : readiness.IsDraining ? "draining" : "starting"),
        HealthJson.Default.ProbeAnswer,
        statusCode: readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}

/// <param name="Status"><c>healthy</c>; <c>degraded</c> while the file on disk is refused; <c>draining</c>.</param>
internal sealed record HealthAnswer(string Status, ConfigurationAnswer Configuration);

/// <param name="RejectedSince">When the file on disk was found faulty; the log says what is wrong with it.</param>
internal sealed record ConfigurationAnswer(string Version, DateTimeOffset LoadedAt, DateTimeOffset? RejectedSince);

/// <param name="Status"><c>live</c>, <c>ready</c>, <c>starting</c> or <c>draining</c>.</param>
internal sealed record ProbeAnswer(string Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(DetailsAnswer))]
[JsonSerializable(typeof(ProbeAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
