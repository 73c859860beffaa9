using System.Net;

namespace RealtimeGateway.Simulator;

/// <summary>
/// What a web page elsewhere must not reach through a developer's browser, which runs beside the simulator: it tells of itself by its <c>Origin</c>, or by its own name in
/// <c>Host</c> when it had that name resolved to this machine (DNS rebinding).
/// </summary>
internal static class Reach
{
    /// <summary>Whether the request names this machine itself, and no page of another origin sent it.</summary>
    public static bool IsFromHere(HttpRequest request) =>
        NamesThisMachine(request.Host) && (request.Headers.Origin.Count == 0 || request.Headers.Origin == $"{request.Scheme}://{request.Host}");

    // An address cannot be rebound. A request without a host comes from no browser.
    private static bool NamesThisMachine(HostString host) =>
        !host.HasValue || IPAddress.TryParse(host.Host, out _)
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
