using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Minting;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>
/// <c>GET /openai/v1/realtime?model=…</c> and, on the preview surface, <c>GET /openai/realtime?api-version=…&amp;deployment=…</c>: a
/// WebSocket whose messages are the events of a conversation.
/// </summary>
internal sealed class SocketEndpoint(SocketOpening opening, SimulatedModel model, IHostApplicationLifetime lifetime)
{
    private const string Protocol = "realtime";

    public Task HandleGaAsync(HttpContext http) => HandleAsync(http, Surface.Ga);

    public Task HandlePreviewAsync(HttpContext http) =>
        PreviewVersion.IsIn(http.Request.Query) ? HandleAsync(http, Surface.Preview) : AzureErrors.ResourceNotFound.WriteAsync(http);

    private async Task HandleAsync(HttpContext http, Surface surface)
    {
        var (refusal, session) = opening.Decide(http, surface);
        if (session is null)
        {
            await refusal!.WriteAsync(http);
            return;
        }

        var protocol = http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(protocol);
        // Without the second, an open socket holds up the simulator's end.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var transport = new SocketTransport(socket, ended);
        await new SocketConversation(socket, transport, model.Open(session, surface, Medium.Events, transport), ended).RunAsync();
    }
}
