using System.Net.WebSockets;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Doctor;

/// <summary>Opens the server's own socket to a call. It stays open until the call has been hung up, to see whether it ends with it.</summary>
internal sealed class SidebandCheck(Resource resource) : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(3);

    private ClientWebSocket? _socket;

    public async Task<Observation> RunAsync(string call, CancellationToken cancellation)
    {
        _socket = await resource.DialAsync(QueryString.Create("call_id", call), secret: null, cancellation);
        return await FirstEvent.IsSessionAsync(_socket, cancellation) ? new() { Detail = "session.created" } : new() { Trouble = Trouble.Unreadable };
    }

    /// <summary>How it ended after the call was hung up; <c>null</c> when there was none.</summary>
    public async Task<string?> EndAsync(CancellationToken cancellation)
    {
        if (_socket is null)
            return null;
        using var clock = new CancellationTokenSource(EndPatience);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        var buffer = new byte[4096];
        try
        {
            while (_socket.State is WebSocketState.Open && (await _socket.ReceiveAsync(buffer, patience.Token)).MessageType is not WebSocketMessageType.Close)
            {
                // Events of the session that has ended.
            }

            var code = (int?)_socket.CloseStatus;
            await SocketCheck.CloseAsync(_socket);
            return code is null ? "it was cut off" : $"it was closed with {code}";
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            cancellation.ThrowIfCancellationRequested();
            return clock.IsCancellationRequested ? $"it was still open after {EndPatience.TotalSeconds:0} s" : "it was cut off";
        }
    }

    public void Dispose() => _socket?.Dispose();
}
