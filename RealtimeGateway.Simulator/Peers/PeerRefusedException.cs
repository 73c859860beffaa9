namespace RealtimeGateway.Simulator.Peers;

/// <summary>The browser behind a media peer could not answer the offer, or went away before it did.</summary>
internal sealed class PeerRefusedException : Exception
{
    public PeerRefusedException()
    {
    }

    public PeerRefusedException(string message)
        : base(message)
    {
    }

    public PeerRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
