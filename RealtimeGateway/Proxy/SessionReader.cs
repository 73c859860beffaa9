using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Reads, on a route that mints for the caller, which session the caller asks for.
/// </summary>
internal sealed class SessionReader(RouteProfiles profiles, Destination[] destinations, long? maxBody) : IRequestReader
{
    // Bytes. YARP looks at the route's MaxRequestBodySize only when it forwards, and the body has been read by then.
    private readonly int _maxBody = (int)Math.Min(maxBody is >= 0 ? maxBody.Value : MaxBody, MaxBody);

    /// <summary>What a route without a smaller <c>MaxRequestBodySize</c> takes, in bytes.</summary>
    private const int MaxBody = 256 * 1024;

    private readonly FrozenDictionary<string, FrozenSet<string>> _deployments = profiles.All.ToFrozenDictionary(
        profile => profile.Name, profile => DeploymentsFor(profile, destinations), StringComparer.OrdinalIgnoreCase);

    public async ValueTask<GatewayError?> ReadAsync(HttpContext context, Exchange exchange)
    {
        var request = context.Request;
        if (profiles.For(context) is not { } profile)
            return GatewayError.ForbiddenProfile;
        // Whoever posts the offer decides about the filter, and with a secret in hand that is the caller.
        if (profile.Options.EventFilter)
            return GatewayError.ForbiddenProfile.Saying("This profile is for calls through the gateway (POST /calls).");
        if (request.ContentLength is 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false)
            return GatewayError.InvalidJson;
        if (!request.HasJsonContentType())
            return GatewayError.UnsupportedMediaType;

        var (body, error) = await CallersBody.ReadAsync(context, _maxBody);
        if (error is not null)
            return error;
        (exchange.Session, error) = SessionRequest.Read(body, profile, _deployments[profile.Name]);
        return CallersBody.Release(context, body) ?? error;
    }

    // Azure's own names, which callers that know them may use: of the models that the profile allows, and no others.
    public static FrozenSet<string> DeploymentsFor(SessionProfile profile, Destination[] destinations) => destinations
        .Where(destination => destination.Deployment is not null && (destination.Model is null || profile.Models.Contains(destination.Model)))
        .Select(destination => destination.Deployment!)
        .ToFrozenSet(StringComparer.Ordinal);
}
