using RealtimeGateway.Sessions;
using RealtimeGateway.Tickets;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>
/// The destinations that a request may go to: those of its snapshot that serve its model. In this order: one that is due for a probe, those that are well,
/// by priority, and at last those that are out; before all of them one that the request is meant for, while it is well. A destination that asked for quiet is never among them.
/// </summary>
internal sealed class Candidates
{
    private readonly List<Candidate> _all;
    private readonly bool _isByWeight;
    private readonly Candidate? _first;
    private DestinationHealth? _probed;

    /// <param name="destinations">The destinations of the request's cluster in its snapshot.</param>
    /// <param name="session">What they must serve; <c>null</c> for whatever.</param>
    /// <param name="ticket">A ticket goes where it was made for while that one is well, before all others.</param>
    /// <param name="proxy">What YARP knows of them: its own state by id, and which its health checks find available.</param>
    public Candidates(Destination[] destinations, RequestedSession? session, Ticket? ticket, IReverseProxyFeature proxy)
    {
        var fitting = new List<Candidate>(destinations.Length);
        foreach (var destination in destinations)
        {
            if (destination.Serves(session))
                fitting.Add(new(destination, destination.HealthFor(session), proxy));
        }

        _all = fitting;
        _first = ticket is null ? null : fitting.Find(candidate => ticket.IsFor(candidate.Destination));
        _isByWeight = string.IsNullOrEmpty(proxy.Cluster.Config.LoadBalancingPolicy);
    }

    /// <summary>The shortest wait of those that asked for quiet; <c>null</c> when none did.</summary>
    public TimeSpan? ShortestQuiet => _all
        .Select(static candidate => candidate.Health.QuietFor())
        .Where(wait => wait > TimeSpan.Zero)
        .Select(wait => (TimeSpan?)wait)
        .Min();

    /// <summary>Where the next attempt may go; several only when a load balancing policy of YARP's is to choose. Empty when none is left.</summary>
    /// <param name="mayProbe">
    /// Whether the request can be tried again, so that finding a destination still out costs it nothing but time. Any other probes only what no such request
    /// has probed for long.
    /// </param>
    public IReadOnlyList<DestinationState> Next(bool mayProbe)
    {
        foreach (var candidate in _all)
            candidate.Look();
        if (_first is { Standing: Standing.Ready })
            return [_first.State];

        var ready = BestPriority(static standing => standing is Standing.Ready);
        foreach (var candidate in _all)
        {
            if (candidate.Standing is Standing.ProbeDue && (mayProbe || candidate.Health.IsProbeOverdue)
                && candidate.Destination.Priority <= ready && candidate.Health.TryBeginProbe())
                return [Probe(candidate)];
        }

        return ready < int.MaxValue ? Choose(static standing => standing is Standing.Ready, ready) : ChooseOfThoseOut();
    }

    /// <summary>Whether another attempt would find a destination after this one.</summary>
    public bool HasOtherThan(IReadOnlyList<DestinationState> chosen) =>
        _all.Count > 1 && _all.Exists(candidate => candidate.Standing is not Standing.Quiet && (chosen.Count > 1 || candidate.State != chosen[0]));

    /// <summary>The attempt is over, whatever came of it.</summary>
    public void EndProbe()
    {
        _probed?.EndProbe();
        _probed = null;
    }

    /// <summary>How many this request does not go to again.</summary>
    public int Tried { get; private set; }

    /// <summary>This request does not go there again.</summary>
    public void Remove(Destination tried)
    {
        Find(tried).IsTried = true;
        Tried++;
    }

    /// <summary>Whether this request may go to the same destination again, for another proof; once.</summary>
    public bool TryAgain(Destination tried) => !Find(tried).IsTriedAgain && (Find(tried).IsTriedAgain = true);

    private Candidate Find(Destination destination) => _all.Find(candidate => candidate.Destination == destination)!;

    private DestinationState Probe(Candidate candidate)
    {
        _probed = candidate.Health;
        return candidate.State;
    }

    private DestinationState[] ChooseOfThoseOut()
    {
        var least = BestPriority(static standing => standing is not Standing.Quiet);
        return Choose(static standing => standing is not Standing.Quiet, least);
    }

    private int BestPriority(Predicate<Standing> counts)
    {
        var best = int.MaxValue;
        foreach (var candidate in _all)
        {
            if (counts(candidate.Standing))
                best = Math.Min(best, candidate.Destination.Priority);
        }

        return best;
    }

    private DestinationState[] Choose(Predicate<Standing> counts, int priority)
    {
        if (_all.Count == 1 && counts(_all[0].Standing))
            return [_all[0].State];
        var group = _all.FindAll(candidate => counts(candidate.Standing) && candidate.Destination.Priority == priority);
        if (group.Count < 2 || !_isByWeight)
            return [.. group.Select(static candidate => candidate.State)];

        var point = Random.Shared.Next(group.Sum(static candidate => candidate.Destination.Weight));
        var index = 0;
        while ((point -= group[index].Destination.Weight) >= 0)
            index++;
        return [group[index].State];
    }

    /// <summary>A destination, YARP's state of it, and how it stands at the moment of an attempt.</summary>
    private sealed class Candidate
    {
        private readonly bool _isAvailable;

        public Candidate(Destination destination, DestinationHealth health, IReverseProxyFeature proxy)
        {
            var known = KnownAs(destination.Name, proxy.AllDestinations);
            (Destination, Health) = (destination, health);
            // A reload may have taken it out of YARP; the request ends in the world in which it began.
            State = known ?? destination.State;
            _isAvailable = known is null || proxy.AvailableDestinations.Contains(known);
        }

        public Destination Destination { get; }

        public DestinationHealth Health { get; }

        public DestinationState State { get; }

        public bool IsTried { get; set; }

        public bool IsTriedAgain { get; set; }

        /// <summary>At the last look. What has been tried, and what YARP's own health checks find ill, counts like what wants quiet.</summary>
        public Standing Standing { get; private set; }

        public void Look() => Standing = IsTried || !_isAvailable ? Standing.Quiet : Health.Stand(Destination.Credential);

        private static DestinationState? KnownAs(string name, IReadOnlyList<DestinationState> states)
        {
            for (var i = 0; i < states.Count; i++)
            {
                if (states[i].DestinationId.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return states[i];
            }

            return null;
        }
    }
}
