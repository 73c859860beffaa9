using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using RealtimeGateway.Web;

namespace RealtimeGateway.Calls;

/// <summary>
/// An offer as OpenAI's SDKs may send it: <c>multipart/form-data</c> with the part <c>sdp</c>, with or without a file name, and where it may be the part <c>session</c>. No
/// other part passes.
/// </summary>
/// <param name="Sdp">The offer.</param>
/// <param name="Session">The session that came along, as JSON; <c>null</c> for none.</param>
internal sealed record OfferForm(byte[] Sdp, byte[]? Session)
{
    private static readonly GatewayError NoOffer = GatewayError.InvalidSdp.Saying("The form must have one part sdp, which holds the offer.");

    /// <summary>The form, or the refusal.</summary>
    public static async Task<(OfferForm? Form, GatewayError? Error)> ReadAsync(byte[] body, string boundary, bool takesSession)
    {
        byte[]? offer = null;
        byte[]? session = null;
        try
        {
            var form = new MultipartReader(boundary, new MemoryStream(body, writable: false)) { HeadersCountLimit = 8, HeadersLengthLimit = 4096 };
            while (await form.ReadNextSectionAsync() is { } part)
            {
                var name = NameOf(part);
                if (name is "sdp" && offer is null)
                    offer = await ReadAsync(part);
                else if (name is "sdp" or null)
                    return (null, NoOffer);
                else if (name is "session" && takesSession && session is null)
                    session = await ReadAsync(part);
                else
                    return (null, GatewayError.FieldNotAllowed.About(name, "This part may not be sent; the profile says what the session is."));
            }
        }
        // No end, too many headers, headers that are none.
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return (null, NoOffer);
        }

        return offer is null ? (null, NoOffer) : (new(offer, session), null);
    }

    private static string? NameOf(MultipartSection part) =>
        ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) && disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value
            : null;

    private static async Task<byte[]> ReadAsync(MultipartSection part)
    {
        using var bytes = new MemoryStream();
        await part.Body.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
