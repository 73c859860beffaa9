using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Tickets;
using RealtimeGateway.Web;

namespace RealtimeGateway.Calls;

/// <summary>Reads, on a route that begins calls, the caller's SDP offer: as <c>application/sdp</c>, or as the part <c>sdp</c> of a form.</summary>
internal sealed class OfferReader(RouteProfiles profiles, OfferSettings settings, Destination[] destinations, long? maxBody) : IRequestReader
{
    /// <summary>The shortest life that the service gives a secret; it is used at once.</summary>
    private const int SecretLifetimeSeconds = 10;

    private static readonly GatewayError NotSdp = GatewayError.UnsupportedMediaType.Saying("The content type must be application/sdp, or multipart/form-data with the part sdp.");

    private readonly int _maxBody = (int)Math.Min(maxBody is >= 0 ? maxBody.Value : Sdp.MaxOfferLength, Sdp.MaxOfferLength);

    public async ValueTask<GatewayError?> ReadAsync(HttpContext context, Exchange exchange)
    {
        if (profiles.For(context) is not { } profile)
            return GatewayError.ForbiddenProfile;
        if (context.Request.ContentLength is 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false)
            return GatewayError.InvalidSdp;
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || BoundaryOf(type) is not { } boundary)
            return NotSdp;

        var (body, error) = await CallersBody.ReadAsync(context, _maxBody);
        if (error is not null)
            return error;
        var bytes = body.ToArray();
        if (CallersBody.Release(context, body) is { } gone)
            return gone;
        (var form, error) = boundary.Length == 0 ? (new OfferForm(bytes, Session: null), null) : await OfferForm.ReadAsync(bytes, boundary, settings.ReplacesSession);
        if (error is not null)
            return error;
        if (!Sdp.IsOffer(form!.Sdp))
            return GatewayError.InvalidSdp;
        exchange.Offer = form.Sdp;
        (var session, error) = AskedFor(form, profile, Ticket.Of(context));
        exchange.Session = session is null ? null : session with { SecretLifetimeSeconds = SecretLifetimeSeconds };
        return error;
    }

    private (RequestedSession? Session, GatewayError? Error) AskedFor(OfferForm form, SessionProfile profile, Ticket? ticket)
    {
        if (ticket is not null)
            return ticket.SessionOf(profile, destinations);
        return form.Session is null
            ? (new(profile, profile.DefaultModel), null)
            : new NestedSession(profile, SessionReader.DeploymentsFor(profile, destinations), settings.ReplacesSession).Read(form.Session);
    }

    /// <summary>What separates the parts of a form; empty for an offer as such, <c>null</c> for anything else.</summary>
    private static string? BoundaryOf(MediaTypeHeaderValue type)
    {
        if (type.MediaType.Equals(Sdp.ContentType, StringComparison.OrdinalIgnoreCase))
            return "";
        var isForm = type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return isForm && boundary is { Length: > 0 and <= 70 } ? boundary : null; // RFC 2046
    }
}
