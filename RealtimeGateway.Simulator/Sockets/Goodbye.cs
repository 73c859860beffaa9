using System.Net.WebSockets;
using System.Runtime.InteropServices;

namespace RealtimeGateway.Simulator.Sockets;

/// <summary>How a socket is closed: the status of RFC 6455, and a word for whoever reads the reason.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Goodbye(WebSocketCloseStatus Status, string? Reason = null)
{
    public static Goodbye Expired { get; } = new(WebSocketCloseStatus.EndpointUnavailable, "session_expired");

    public static Goodbye GoingAway { get; } = new(WebSocketCloseStatus.EndpointUnavailable, "going_away");

    public static Goodbye TooSlow { get; } = new(WebSocketCloseStatus.PolicyViolation, "too_slow");
}
