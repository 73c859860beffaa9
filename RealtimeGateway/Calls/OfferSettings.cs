namespace RealtimeGateway.Calls;

/// <summary>A route's transform <c>SdpOffer</c>.</summary>
/// <param name="Profile">The route's session profile.</param>
/// <param name="ReplacesSession">
/// <c>"Session": "replaced"</c>: a form may bring a part <c>session</c>, as OpenAI's SDKs do, and the profile's values stand in for what the caller may not set.
/// Otherwise the part is refused by name.
/// </param>
internal sealed record OfferSettings(string Profile, bool ReplacesSession);
