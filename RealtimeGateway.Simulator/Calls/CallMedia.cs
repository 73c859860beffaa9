namespace RealtimeGateway.Simulator.Calls;

/// <summary>What answers the media of a call.</summary>
internal enum CallMedia
{
    /// <summary>A peer page, with a real browser's WebRTC stack.</summary>
    Peer,

    /// <summary>Nothing: the answer was canned, and only a sideband hears of the call.</summary>
    None,
}
