using System.Diagnostics.CodeAnalysis;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>
/// The peers that wait for a call, oldest first. A peer with a tag answers only the offer that carries it, so that two browsers never cross; one without answers
/// any offer that has no peer of its own.
/// </summary>
internal sealed class WaitingPeers
{
    private readonly Lock _gate = new();
    private readonly List<Peer> _waiting = [];

    public void Add(Peer peer)
    {
        lock (_gate) _waiting.Add(peer);
    }

    public void Remove(Peer peer)
    {
        lock (_gate) _waiting.Remove(peer);
    }

    /// <summary>Takes a peer for the offer with this fingerprint; nobody else gets it.</summary>
    public bool TryTake(string fingerprint, [NotNullWhen(true)] out Peer? peer)
    {
        lock (_gate)
        {
            peer = _waiting.Find(candidate => candidate.Tag == fingerprint) ?? _waiting.Find(candidate => candidate.Tag.Length == 0);
            return peer is not null && _waiting.Remove(peer);
        }
    }
}
