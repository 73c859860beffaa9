using System.Net.WebSockets;

namespace RealtimeGateway.Sockets;

/// <summary>A socket to a destination whose session is the profile's, confirmed by the service.</summary>
/// <param name="first">What the caller is to hear first.</param>
internal sealed class UpstreamSession(ClientWebSocket socket, CallersView view, List<ReadOnlyMemory<byte>> first) : IDisposable
{
    private List<ReadOnlyMemory<byte>> _first = first;

    public WebSocket Socket => socket;

    public CallersView View => view;

    /// <summary>What the caller is to hear before all else; it is given once, since it is not needed for the rest of a long conversation.</summary>
    public List<ReadOnlyMemory<byte>> TakeFirst() => Interlocked.Exchange(ref _first, []);

    public void Dispose() => socket.Dispose();
}
