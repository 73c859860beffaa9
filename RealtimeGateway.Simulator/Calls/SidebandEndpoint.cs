using System.Net.WebSockets;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Sockets;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>
/// <c>GET /openai/v1/realtime?call_id=rtc_…</c>: a second connection to the conversation of a call, for its server. It gets every event, whatever the browser gets, and its
/// own events act as the browser's do. 401 without a standing credential, 404 when no such call is live, 429 when the call has enough of them.
/// </summary>
internal sealed class SidebandEndpoint(SocketOpening opening, LiveCalls calls)
{
    private const string CallIdParameter = "call_id";

    public static bool IsAskedFor(HttpRequest request) => request.Query.ContainsKey(CallIdParameter);

    public async Task HandleAsync(HttpContext http)
    {
        if (Refusal(http, out var call) is { } refusal)
        {
            await refusal.WriteAsync(http);
            return;
        }

        InfrastructureHeaders.NameDeployment(http, call!.Origin.Deployment);
        try
        {
            using var socket = await SocketOpening.AcceptAsync(http);
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            await new EventSocket(socket, new(socket, cut), call.Conversation).RunAsync(GoodbyeAsync(call, cut.Token));
        }
        finally
        {
            call.Detach();
        }
    }

    private AzureAnswer? Refusal(HttpContext http, out Call? call)
    {
        call = null;
        if (opening.SidebandRefusal(http) is { } refusal) return refusal;
        if (!calls.TryFind(http.Request.Query[CallIdParameter], out call)) return AzureErrors.CallNotFound;
        return call.TryAttach() ? null : AzureErrors.TooManySidebands;
    }

    /// <summary>The reasons are the simulator's own; nothing documents what the service says.</summary>
    private static async Task<Goodbye> GoodbyeAsync(Call call, CancellationToken cut)
    {
        try
        {
            return await call.Ended.WaitAsync(cut) switch
            {
                CallEnd.HungUp => new(WebSocketCloseStatus.NormalClosure, "hung_up"),
                CallEnd.PeerLeft => new(WebSocketCloseStatus.NormalClosure, "peer_left"),
                CallEnd.Expired => Goodbye.Expired,
                _ => Goodbye.GoingAway,
            };
        }
        catch (OperationCanceledException)
        {
            return Goodbye.TooSlow;
        }
    }
}
