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

        using var socket = await SocketOpening.AcceptAsync(http);
        // Without the second, an open socket holds up the simulator's end.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var conversation = model.Open(session, surface, Medium.Events);
        var running = conversation.RunAsync(ended.Token);
        await new EventSocket(socket, new(socket, ended), conversation).RunAsync(GoodbyeAsync(running));
        await ended.CancelAsync();
        await running;
    }

    private static async Task<Goodbye> GoodbyeAsync(Task<ConversationEnd> running) =>
        await running == ConversationEnd.Expired ? Goodbye.Expired : Goodbye.GoingAway;
}
