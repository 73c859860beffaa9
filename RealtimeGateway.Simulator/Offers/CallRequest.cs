using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Credentials;

namespace RealtimeGateway.Simulator.Offers;

/// <summary>An offer by somebody who may make it, and the session that it opens.</summary>
/// <param name="Sdp">The offer, not looked at yet.</param>
/// <param name="Deployment">The deployment of the session.</param>
/// <param name="Session">The session in the shape of its surface; not to be changed.</param>
/// <param name="Secret">What proved it; null for a standing credential.</param>
internal sealed record CallRequest(string Sdp, string Deployment, JsonObject Session, EphemeralSecret? Secret);
