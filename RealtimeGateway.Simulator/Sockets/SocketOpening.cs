using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Minting;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>
/// Decides about a WebSocket handshake. Credentials: <c>api-key</c> as header or query, <c>Authorization: Bearer</c> with a key, a token or
/// an <c>ek_</c>, or, for browsers, the subprotocol <c>openai-insecure-api-key.…</c>.
/// </summary>
internal sealed class SocketOpening(SimulatorOptions options, AcceptedCredentials credentials, EphemeralSecrets secrets)
{
    private const string Protocol = "realtime";
    private const string KeyProtocol = "openai-insecure-api-key.";

    public static Task<WebSocket> AcceptAsync(HttpContext http) =>
        http.WebSockets.AcceptWebSocketAsync(http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null);

    /// <summary>The refusal, or the session to open.</summary>
    public (AzureAnswer? Refusal, JsonObject? Session) Decide(HttpContext http, Surface surface)
    {
        var query = http.Request.Query;
        // A version left over on the GA path is documented to end like this, not in a 400.
        if (surface == Surface.Ga && query.ContainsKey("api-version")) return (AzureErrors.WrongToken, null);
        if (Refusal(http, out var secret) is { } refusal) return (refusal, null);
        if (!http.WebSockets.IsWebSocketRequest) return (AzureErrors.UpgradeRequired, null);

        var name = surface == Surface.Ga ? "model" : "deployment";
        var deployment = secret?.Deployment ?? query[name].ToString();
        if (deployment.Length == 0) return (AzureErrors.Refused(Validation.Violation.Missing(name)), null);
        if (!options.Deployments.Contains(deployment)) return (AzureErrors.DeploymentNotFound, null);
        InfrastructureHeaders.NameDeployment(http, deployment);
        secret?.CountUse();
        return (null, SessionOf(secret, surface) ?? NewSession(deployment, surface));
    }

    /// <summary>The refusal of a sideband, which an <c>ek_</c> does not open: it opens sessions of its own only.</summary>
    public AzureAnswer? SidebandRefusal(HttpContext http)
    {
        if (http.Request.Query.ContainsKey("api-version")) return AzureErrors.WrongToken;
        if (Refusal(http, out var secret) is { } refusal) return refusal;
        if (secret is not null) return AzureErrors.WrongToken;
        // SDKs send the one or the other; what the service makes of both is not documented.
        if (http.Request.Query.ContainsKey("model")) return AzureErrors.Refused(Validation.Violation.Invalid("model", "left out beside call_id"));
        return http.WebSockets.IsWebSocketRequest ? null : AzureErrors.UpgradeRequired;
    }

    private AzureAnswer? Refusal(HttpContext http, out EphemeralSecret? secret)
    {
        var fromProtocol = http.WebSockets.WebSocketRequestedProtocols
            .FirstOrDefault(protocol => protocol.StartsWith(KeyProtocol, StringComparison.Ordinal))?[KeyProtocol.Length..];
        var bearer = AcceptedCredentials.BearerOf(http.Request) ?? fromProtocol;
        if (secrets.TryFind(bearer, out secret)) return null;
        if (http.Request.Headers.ContainsKey("api-key")) return credentials.Refusal(http.Request);
        if (http.Request.Query["api-key"] is [{ } key, ..]) return options.ApiKeys.Contains(key) ? null : AzureErrors.WrongKey;
        return fromProtocol is null ? credentials.Refusal(http.Request) : options.ApiKeys.Contains(fromProtocol) ? null : AzureErrors.WrongToken;
    }

    // A secret of the other surface says which deployment, but nothing that this one understands.
    private static JsonObject? SessionOf(EphemeralSecret? secret, Surface surface) =>
        secret is not null && secret.Session.ContainsKey("type") == (surface == Surface.Ga) ? secret.Session : null;

    private static JsonObject NewSession(string deployment, Surface surface) => surface == Surface.Ga
        ? SimulatedSession.Ga(new() { ["model"] = deployment })
        : SimulatedSession.Preview(new() { ["model"] = deployment });
}
