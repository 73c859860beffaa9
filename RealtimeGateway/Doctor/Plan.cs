using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Doctor;

/// <summary>Which destinations will be asked, for which sessions, and what it will cost; known before anything is sent.</summary>
internal sealed record Plan(IReadOnlyList<PlannedDestination> Destinations)
{
    // Two more mints than sessions, one call more than its own, and two sockets more than sessions and sideband, for the open points. Others: two to
    // connect (YARP opens connections ahead), an offer with a secret that does not count and its preflight, and the four of OtherMethods.
    public Costs Costs => new(
        Destinations.Count,
        Destinations.Sum(one => one.Sessions.Count + (one.TakesCalls ? 2 : 0)),
        Destinations.Sum(one => one.TakesCalls ? 2 : 0),
        Destinations.Sum(one => one.TakesCalls ? one.Sessions.Count + 3 : 0),
        Destinations.Sum(one => one.TakesCalls ? 8 : 2),
        Responses: 0);

    /// <summary>Every destination that a realtime route leads to.</summary>
    public static Plan For(Snapshot snapshot) => new(
    [
        .. from destination in snapshot.Destinations.All
           let sessions = SessionsFor(destination, snapshot).ToArray()
           where sessions.Length > 0
           orderby destination.Cluster, destination.Name
           select new PlannedDestination(destination, [.. sessions.Select(one => one.Session).DistinctBy(session => session.Profile.Name)], PatienceOf(sessions.Select(one => one.Route), snapshot)),
    ]);

    /// <summary>Those of the names that lead to a destination, by name or as <c>cluster/name</c>; and the names that lead to none.</summary>
    public (Plan Plan, IReadOnlyList<string> Unknown) Only(IReadOnlyList<string> names) => names.Count == 0
        ? (this, [])
        : (new([.. Destinations.Where(one => names.Any(one.IsCalled))]), [.. names.Where(name => !Destinations.Any(one => one.IsCalled(name)))]);

    private static IEnumerable<(RouteConfig Route, RequestedSession Session)> SessionsFor(Destination destination, Snapshot snapshot) =>
        from route in snapshot.Routes
        where destination.Cluster.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase)
        let name = CallTransformFactory.OfferOf(route)?.Profile ?? SessionTransformFactory.ProfileOf(route) ?? SessionEventsFactory.ProfileOf(route)
        where name is not null
        let profile = snapshot.Profiles[name]
        let model = profile.Options.Models.Find(destination.Serves)
        where model is not null
        select (route, new RequestedSession(profile, model));

    private static Patience PatienceOf(IEnumerable<RouteConfig> routes, Snapshot snapshot)
    {
        // A route that gives tickets asks no destination, so its time is nobody's.
        var (route, settings) = routes.Select(route => (route, Settings: snapshot.Settings[route.RouteId]))
            .OrderBy(one => one.Settings.GivesTickets).ThenByDescending(one => one.Settings.Timeout ?? TimeSpan.Zero).First();
        return new(settings.Timeout ?? TimeSpan.FromSeconds(15), $"ReverseProxy:Routes:{route.RouteId}:Metadata:Timeout");
    }
}

internal sealed record PlannedDestination(Destination Destination, IReadOnlyList<RequestedSession> Sessions, Patience Patience)
{
    public bool TakesCalls => Destination.Dialect.TakesCalls;

    public bool IsCalled(string name) =>
        name.Equals(Destination.Name, StringComparison.OrdinalIgnoreCase) || name.Equals($"{Destination.Cluster}/{Destination.Name}", StringComparison.OrdinalIgnoreCase);
}

/// <param name="Mints">At most; a refused key makes one more.</param>
/// <param name="Calls">At most; each is hung up at once.</param>
/// <param name="Sockets">At most; each is closed at once.</param>
/// <param name="Others">Requests that begin nothing, at most; hang-ups apart.</param>
/// <param name="Responses">Responses of a model.</param>
internal sealed record Costs(int Destinations, int Mints, int Calls, int Sockets, int Others, int Responses)
{
    public override string ToString() =>
        $"This asks {Destinations} destination(s): at most {Mints} mint(s), {Calls} call(s) without media that are hung up at once, {Sockets} socket(s) that are closed at once, " +
        $"{Others} request(s) that begin nothing, and no response of a model. It uses quota of requests per minute, and no tokens.";
}
