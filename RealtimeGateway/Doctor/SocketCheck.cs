using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Doctor;

/// <summary>Opens a WebSocket whose session becomes the profile's, as <c>GET /realtime</c> does, and closes it. The model is asked for nothing.</summary>
internal static class SocketCheck
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(2);

    public static async Task<Observation> RunAsync(Resource resource, RequestedSession session, CancellationToken cancellation)
    {
        using var socket = await resource.DialAsync(QueryString.Create("model", resource.DeploymentFor(session)), secret: null, cancellation);
        using var opened = await new SessionOpening(socket, session, resource.Destination, NullLogger.Instance, "doctor").RunAsync(cancellation);
        await CloseAsync(socket);
        return new() { Detail = $"the session of profile {session.Profile.Name} is confirmed" };
    }

    /// <summary>Says goodbye; a peer that does not answer is left.</summary>
    public static async Task CloseAsync(WebSocket socket)
    {
        using var patience = new CancellationTokenSource(GoodbyePatience);
        try
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, patience.Token);
        }
        catch (Exception e) when (Ending.IsOfConnection(e) || e is InvalidOperationException)
        {
            socket.Abort();
        }
    }
}
