using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tickets;

/// <summary>
/// Reads, on a route that gives tickets, what OpenAI's SDKs send to <c>…/client_secrets</c>: <c>{expires_after?, session?}</c>, or nothing at all.
/// </summary>
/// <param name="replaces">Whether the profile's values stand in for what the caller may not set.</param>
internal sealed class TicketReader(RouteProfiles profiles, Destination[] destinations, bool replaces, long? maxBody) : IRequestReader
{
    /// <summary>The shortest life that the service gives a secret.</summary>
    private const int ShortestLifetime = 10;

    private const int MaxBody = 256 * 1024;

    private readonly int _maxBody = (int)Math.Min(maxBody is >= 0 ? maxBody.Value : MaxBody, MaxBody);

    public async ValueTask<GatewayError?> ReadAsync(HttpContext context, Exchange exchange)
    {
        if (profiles.For(context) is not { } profile)
            return GatewayError.ForbiddenProfile;
        if (context.Request.ContentLength is 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false)
        {
            exchange.Session = new(profile, profile.DefaultModel);
            return null;
        }

        if (!context.Request.HasJsonContentType())
            return GatewayError.UnsupportedMediaType;
        var (body, error) = await CallersBody.ReadAsync(context, _maxBody);
        if (error is not null)
            return error;
        (exchange.Session, error) = SessionRequest.Parse(body, root => ReadMembers(root, profile));
        return CallersBody.Release(context, body) ?? error;
    }

    private (RequestedSession?, GatewayError?) ReadMembers(JsonElement root, SessionProfile profile)
    {
        var (session, error) = root.TryGetProperty("session"u8, out var asked)
            ? new NestedSession(profile, SessionReader.DeploymentsFor(profile, destinations), replaces).Read(asked)
            : (new RequestedSession(profile, profile.DefaultModel), null);
        foreach (var member in root.EnumerateObject())
        {
            if (error is not null)
                return (null, error);
            if (member.Name is "expires_after" && replaces)
                (session, error) = Shorten(session!, member.Value);
            else if (member.Name is not "session")
                error = GatewayError.FieldNotAllowed.About(member.Name, "This member may not be set; the profile says how long a secret lives.");
        }

        return error is null ? (session, null) : (null, error);
    }

    /// <summary>A secret may be wanted for less time than the profile gives it, never for more.</summary>
    private static (RequestedSession?, GatewayError?) Shorten(RequestedSession session, JsonElement wish)
    {
        if (wish.ValueKind is JsonValueKind.Null)
            return (session, null);
        if (wish.ValueKind is not JsonValueKind.Object)
            return (null, GatewayError.InvalidValue.About("expires_after", "expires_after must be an object."));
        if (!wish.TryGetProperty("seconds"u8, out var text))
            return (session, null);
        return text.ValueKind is JsonValueKind.Number && text.TryGetInt32(out var seconds) && seconds >= ShortestLifetime
            ? (session with { SecretLifetimeSeconds = Math.Min(seconds, session.SecretLifetimeSeconds) }, null)
            : (null, GatewayError.InvalidValue.About("expires_after.seconds", $"seconds must be a whole number, {ShortestLifetime} at least."));
    }
}
