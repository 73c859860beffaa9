using System.Net.WebSockets;
using System.Text.Json;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Doctor;

/// <summary>The first thing that a socket says.</summary>
internal static class FirstEvent
{
    /// <summary>Whether it is <c>session.created</c>.</summary>
    public static async Task<bool> IsSessionAsync(WebSocket socket, CancellationToken cancellation)
    {
        await using var _ = cancellation.Register(socket.Abort); // the inbox takes no token
        var inbox = new Inbox(socket);
        try
        {
            await inbox.NextMessageAsync();
            return await inbox.ReadToEndAsync(UpstreamListener.MaxEvent) && TypeOf(inbox.Bytes) is "session.created";
        }
        catch (Exception e) when (e is EndedException || Ending.IsOfConnection(e))
        {
            cancellation.ThrowIfCancellationRequested();
            return false;
        }
        finally
        {
            inbox.Release();
        }
    }

    private static string? TypeOf(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            return json.RootElement.ValueKind is JsonValueKind.Object ? CallersView.TextOf(json.RootElement, "type"u8) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
