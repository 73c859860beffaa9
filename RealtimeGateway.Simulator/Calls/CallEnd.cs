namespace RealtimeGateway.Simulator.Calls;

/// <summary>How a call ended.</summary>
internal enum CallEnd
{
    /// <summary>Somebody asked for it: <c>POST …/calls/{call_id}/hangup</c>.</summary>
    HungUp,

    /// <summary>The browser left, or its media peer did.</summary>
    PeerLeft,

    /// <summary>The session reached <c>expires_at</c>.</summary>
    Expired,

    /// <summary>The simulator stops.</summary>
    Stopped,
}
