using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Callers;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Reads, on a route that mints, which session the caller asks for: before a destination is chosen, and once, however many are tried. With
/// <c>?profile=NAME</c> the caller picks another profile than the route's.
/// </summary>
internal sealed class SessionReader(FrozenDictionary<string, SessionProfile> profiles, string profileName, Destination[] destinations, long? maxBody)
{
    // Bytes. YARP looks at the route's MaxRequestBodySize only when it forwards, and the body has been read by then.
    private readonly int _maxBody = (int)Math.Min(maxBody is >= 0 ? maxBody.Value : MaxBody, MaxBody);

    /// <summary>What a route without a smaller <c>MaxRequestBodySize</c> takes, in bytes.</summary>
    private const int MaxBody = 256 * 1024;

    private readonly FrozenDictionary<string, FrozenSet<string>> _deployments = profiles.Values.ToFrozenDictionary(
        profile => profile.Name, profile => DeploymentsFor(profile, destinations), StringComparer.OrdinalIgnoreCase);

    public async ValueTask<(RequestedSession? Session, GatewayError? Error)> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        var name = request.Query.TryGetValue("profile", out var asked) ? asked.ToString() : profileName;
        // One answer to both: whoever may not use a profile does not learn that it exists.
        if (!profiles.TryGetValue(name, out var profile) || !Caller.Of(context).MayUse(profile))
            return (null, GatewayError.ForbiddenProfile);
        if (request.ContentLength is 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false)
            return (null, GatewayError.InvalidJson);
        if (!request.HasJsonContentType())
            return (null, GatewayError.UnsupportedMediaType);

        try
        {
            if (await CallersBody.ReadAsync(request.BodyReader, _maxBody, context.RequestAborted) is not { } body)
                return (null, context.RequestAborted.IsCancellationRequested ? GatewayError.SlowRequest : GatewayError.RequestTooLarge);
            var result = SessionRequest.Read(body, profile, _deployments[profile.Name]);
            request.BodyReader.AdvanceTo(body.End);
            return result;
        }
        catch (BadHttpRequestException e)
        {
            return (null, GatewayError.ForStatus(e.StatusCode));
        }
    }

    // Azure's own names, which callers that know them may use: of the models that the profile allows, and no others.
    public static FrozenSet<string> DeploymentsFor(SessionProfile profile, Destination[] destinations) => destinations
        .Where(destination => destination.Deployment is not null && (destination.Model is null || profile.Models.Contains(destination.Model)))
        .Select(destination => destination.Deployment!)
        .ToFrozenSet(StringComparer.Ordinal);
}
