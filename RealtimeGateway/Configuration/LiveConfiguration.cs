using System.Collections.Immutable;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>Holds the snapshot in force, and the few before it that requests in flight still belong to.</summary>
internal sealed class LiveConfiguration
{
    private const int Kept = 8;

    private ImmutableList<Snapshot> _known = [];
    private Snapshot? _current;

    /// <summary>The snapshot in force. A proxied request does not ask: its route's transforms and settings were built from one.</summary>
    public Snapshot Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("No configuration has been loaded yet.");

    public bool IsLoaded => Volatile.Read(ref _current) is not null;

    /// <summary>What is wrong with the configuration on disk, while something is; the last good snapshot goes on serving.</summary>
    public Rejection? Rejection { get; private set; }

    /// <summary>The snapshot that this route belongs to, published or still under trial.</summary>
    public Snapshot Of(RouteConfig route) =>
        _known.Find(snapshot => snapshot.Version == route.Metadata?.GetValueOrDefault(Snapshot.RouteMetadataKey))
        ?? throw new InvalidOperationException($"Route '{route.RouteId}' belongs to no known snapshot.");

    /// <summary>Makes a candidate known, so that its routes can be validated and built on trial.</summary>
    public void Offer(Snapshot candidate) => ImmutableInterlocked.Update(ref _known, known => known.Insert(0, candidate));

    public void Withdraw(Snapshot candidate) => ImmutableInterlocked.Update(ref _known, known => known.Remove(candidate));

    public void Publish(Snapshot snapshot)
    {
        Volatile.Write(ref _current, snapshot);
        Rejection = null;
        ImmutableInterlocked.Update(ref _known, known => known.Count > Kept ? known.RemoveRange(Kept, known.Count - Kept) : known);
    }

    public void Reject(DateTimeOffset now, IReadOnlyList<ConfigurationFault> faults) => Rejection = new(Rejection?.Since ?? now, faults);
}

/// <param name="Since">When the configuration on disk was first found faulty.</param>
/// <param name="Faults">What was wrong with it when it was last read.</param>
internal sealed record Rejection(DateTimeOffset Since, IReadOnlyList<ConfigurationFault> Faults);
