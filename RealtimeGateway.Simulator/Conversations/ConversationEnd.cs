namespace RealtimeGateway.Simulator.Conversations;

/// <summary>Why a conversation is over.</summary>
internal enum ConversationEnd
{
    /// <summary>Whoever runs it cancelled: the client left, the call was hung up, the simulator stops.</summary>
    Stopped,

    /// <summary>The session reached <c>expires_at</c>; the <c>session_expired</c> error was the last event.</summary>
    Expired,
}
