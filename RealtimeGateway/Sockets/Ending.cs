using System.Net.Sockets;
using System.Net.WebSockets;

namespace RealtimeGateway.Sockets;

/// <summary>How a socket ends: the close code and reason (RFC 6455, 7.4) that the other side is told.</summary>
/// <param name="IsOurs">The gateway ends it, so that both sides have to be told.</param>
internal sealed record Ending(WebSocketCloseStatus Code, string? Reason, bool IsOurs = true)
{
    /// <summary>The peer said so itself, in words of its own.</summary>
    public bool IsByPeer { get; private init; }

    /// <summary>The caller has gone without a goodbye.</summary>
    public static readonly Ending CallerGone = new(WebSocketCloseStatus.EndpointUnavailable, "caller_gone", IsOurs: false);

    /// <summary>The service has gone without a goodbye. (1006 is never sent.)</summary>
    public static readonly Ending UpstreamGone = new(WebSocketCloseStatus.InternalServerError, "upstream_unavailable", IsOurs: false);

    public static readonly Ending UpstreamUnreadable = new(WebSocketCloseStatus.InternalServerError, "upstream_invalid_response");

    public static readonly Ending Idle = new(WebSocketCloseStatus.EndpointUnavailable, "idle_timeout");

    public static readonly Ending Draining = new(WebSocketCloseStatus.EndpointUnavailable, "draining");

    public static readonly Ending TooLong = new(WebSocketCloseStatus.MessageTooBig, "message_too_large");

    public static readonly Ending NoAppend = new(WebSocketCloseStatus.PolicyViolation, "invalid_event");

    public static readonly Ending OurMistake = new(WebSocketCloseStatus.InternalServerError, "internal_error");

    /// <summary>The peer said goodbye itself. That there was no code, 1005, cannot be sent on.</summary>
    public static Ending ByPeer(WebSocket socket)
    {
        var code = socket.CloseStatus is { } said and not WebSocketCloseStatus.Empty ? said : WebSocketCloseStatus.NormalClosure;
        return new(code, socket.CloseStatusDescription, IsOurs: false) { IsByPeer = true };
    }

    /// <summary>Whether this says that a connection is no more, however it went.</summary>
    public static bool IsOfConnection(Exception e) =>
        e is WebSocketException or IOException or SocketException or ObjectDisposedException or OperationCanceledException;
}

/// <summary>Ends the loop that reads a socket.</summary>
internal sealed class EndedException(Ending ending) : Exception
{
    public Ending Ending => ending;
}
