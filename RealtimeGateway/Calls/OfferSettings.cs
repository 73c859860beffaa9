namespace RealtimeGateway.Calls;

/// <summary>A route's transform <c>SdpOffer</c>.</summary>
/// <param name="Profile">The route's session profile.</param>
/// <param name="IgnoresSession">
/// <c>"Session": "ignored"</c>: a form may bring a part <c>session</c>, as OpenAI's SDKs always do, and the profile's session counts all the same. Otherwise
/// it is refused by name.
/// </param>
internal sealed record OfferSettings(string Profile, bool IgnoresSession);
