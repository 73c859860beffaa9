namespace RealtimeGateway.Simulator.Breaking;

/// <summary>Which requests a fault meets, on the GA and on the preview surface alike.</summary>
public enum FaultOperation
{
    /// <summary>Every request to the simulated resource; <c>*</c> in JSON.</summary>
    Any,

    /// <summary>Minting a secret; <c>mint</c>.</summary>
    Mint,

    /// <summary>Exchanging an SDP offer; <c>calls</c>.</summary>
    Calls,

    /// <summary>Opening a WebSocket with a session of its own; <c>socket</c>. What spoils a body does not meet it, for a handshake has none.</summary>
    Socket,

    /// <summary>Opening a WebSocket to the conversation of a call; <c>sideband</c>. As for <see cref="Socket"/>.</summary>
    Sideband,

    /// <summary>Ending a call; <c>hangup</c>. What spoils a body does not meet it, for its answer has none.</summary>
    Hangup,
}

/// <summary>Endpoint metadata: the operation that a fault may name to meet this endpoint.</summary>
internal sealed record FaultPoint(Func<HttpRequest, FaultOperation> OperationOf)
{
    public FaultPoint(FaultOperation operation)
        : this(_ => operation)
    {
    }
}
