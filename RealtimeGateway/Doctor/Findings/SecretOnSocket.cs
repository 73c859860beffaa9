using RealtimeGateway.Credentials;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>Whether a secret opens a WebSocket: with it a page could get around the event filter.</summary>
internal static class SecretOnSocket
{
    public static async Task<Finding> AskAsync(Resource resource, EphemeralSecret secret, CancellationToken cancellation)
    {
        var query = QueryString.Create("model", resource.DeploymentFor(resource.Sessions[0]));
        var asBrowser = await TryAsync(() => resource.DialAsBrowserAsync(query, secret, cancellation), cancellation);
        var asServer = await TryAsync(() => resource.DialAsync(query, secret, cancellation), cancellation);
        return new("secret_on_socket", $"as a browser brings it (subprotocol): {asBrowser}; as a bearer token: {asServer}");
    }

    private static async Task<string> TryAsync(Func<Task<System.Net.WebSockets.ClientWebSocket>> dial, CancellationToken cancellation)
    {
        try
        {
            using var socket = await dial();
            var isSession = await FirstEvent.IsSessionAsync(socket, cancellation);
            await SocketCheck.CloseAsync(socket);
            return isSession ? "it opens a session" : "it opens, and no session begins";
        }
        catch (UpgradeRefusedException e)
        {
            return $"refused, {e.Status}";
        }
    }
}
