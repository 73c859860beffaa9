using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Health;

/// <summary><c>GET /health/details</c>: what an operator looks at first. It names things of the configuration, and no secret, address or value.</summary>
internal static class HealthDetails
{
    public static void MapHealthDetails(this IEndpointRouteBuilder endpoints) => endpoints
        .MapMethods("/health/details", HealthEndpoints.GetOrHead, Describe)
        .AllowAnonymous().WithTags("Health")
        .WithSummary("The configuration in force, what is wrong with a refused one, and how destinations and credentials are.");

    private static IResult Describe(Readiness readiness, LiveConfiguration live)
    {
        var snapshot = live.Current;
        var rejection = live.Rejection;
        var faults = (rejection?.Faults ?? []).Select(fault => new FaultDetails(fault.Source, fault.Key, fault.Rule));
        var destinations = snapshot.Destinations.All.Select(destination => destination.Report());
        var credentials = snapshot.Credentials.Values.Select(credential => credential.Report());
        return TypedResults.Json(
            new DetailsAnswer(
                HealthEndpoints.StatusOf(readiness, live),
                new(snapshot.Version, snapshot.LoadedAt, rejection?.Since, [.. faults]),
                [.. destinations.OrderBy(report => report.Cluster, StringComparer.Ordinal).ThenBy(report => report.Name, StringComparer.Ordinal)],
                [.. credentials.OrderBy(report => report.Name, StringComparer.Ordinal)]),
            HealthJson.Default.DetailsAnswer);
    }
}

/// <param name="Status">As in <see cref="HealthAnswer"/>.</param>
/// <param name="Configuration">What is in force, and what was refused.</param>
/// <param name="Destinations">Every destination, and how it is.</param>
/// <param name="Credentials">Every credential, and how it is.</param>
internal sealed record DetailsAnswer(
    string Status, ConfigurationDetails Configuration, IReadOnlyList<DestinationReport> Destinations, IReadOnlyList<CredentialReport> Credentials);

/// <param name="Version">Counts the configurations that this process has looked at.</param>
/// <param name="LoadedAt">When it came into force.</param>
/// <param name="RejectedSince">When what is on disk was first found faulty; <c>null</c> while it is in force.</param>
/// <param name="Faults">What is wrong with it.</param>
internal sealed record ConfigurationDetails(string Version, DateTimeOffset LoadedAt, DateTimeOffset? RejectedSince, IReadOnlyList<FaultDetails> Faults);

internal sealed record FaultDetails(string? Source, string? Key, string Rule);
