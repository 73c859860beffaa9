using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>
/// One upstream resource and everything that belongs to it: address, credential, deployment and protocol. A request takes them all from one
/// such object, so that a credential can only ever go to the address it was meant for.
/// </summary>
internal sealed class Destination
{
    private volatile Asked? _asked;

    /// <summary>The id of its cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The destination's id in its cluster; short, from configuration, and safe as a metric label.</summary>
    public required string Name { get; init; }

    /// <summary>Base address, ending in a slash.</summary>
    public required Uri Address { get; init; }

    public ICredential? Credential { get; init; }

    /// <summary>Azure's name for the model; without it the alias that the caller chose is the name.</summary>
    public string? Deployment { get; init; }

    /// <summary>The alias that it serves; without it any.</summary>
    public string? Model { get; init; }

    /// <summary>The group of destinations that it belongs to: the lowest number is used first, the next when none of it is well.</summary>
    public int Priority { get; init; }

    /// <summary>Its share of the requests that its group gets.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>What attempts at sessions have taught about it.</summary>
    public required DestinationHealth Health { get; init; }

    /// <summary>
    /// What everything else has taught that goes there. What a route asks for that passes through is the caller's own choice: a model that throttles, or is not there,
    /// says nothing of sessions.
    /// </summary>
    public required DestinationHealth PassThroughHealth { get; init; }

    /// <summary>When its cluster takes it out.</summary>
    public required CircuitRules Circuit { get; init; }

    /// <summary>It, as YARP wants to have it when a reload has taken it out of YARP's own list.</summary>
    public required DestinationState State { get; init; }

    public required IRealtimeDialect Dialect { get; init; }

    /// <summary>Where a browser posts its SDP offer with a secret minted here.</summary>
    public required string WebRtcUrl { get; init; }

    /// <summary>The address of something at this destination. Nearly all requests are for the same, and a parsed one is kept.</summary>
    public Uri AddressOf(PathString path, QueryString query)
    {
        if (_asked is { } asked && asked.Path == path.Value && asked.Query == query.Value)
            return asked.Address;
        var address = RequestUtilities.MakeDestinationAddress(Address.AbsoluteUri, path, query);
        _asked = new(path.Value, query.Value, address);
        return address;
    }

    /// <param name="session">What is asked for; <c>null</c> for what passes through.</param>
    public DestinationHealth HealthFor(RequestedSession? session) => session is null ? PassThroughHealth : Health;

    /// <summary>How it is for sessions; where none has been asked for, for what passes through.</summary>
    public DestinationReport Report() => (Health.HasHeard || !PassThroughHealth.HasHeard ? Health : PassThroughHealth).Report(this);

    /// <summary>Whether the model of this alias is here.</summary>
    public bool Serves(string alias) => Model is null || Model == alias;

    /// <summary>
    /// Whether a request for this session may come here: by the alias of its model, or by Azure's own name for a model that the profile allows. An alias
    /// comes first, for a deployment of another model may be called the same.
    /// </summary>
    public bool Serves(RequestedSession? session) => Model is null || session is null
        || (session.Profile.Models.Contains(session.Model) ? Model == session.Model : Deployment == session.Model && session.Profile.Models.Contains(Model));

    /// <summary>Whether this identifier or path of members would tell a caller where the destination is.</summary>
    public bool IsNamedIn(string identifier) => identifier.Contains(Address.Host, StringComparison.OrdinalIgnoreCase)
        || identifier.Split('.', '[').Any(part =>
            part.Equals(Address.Host.Split('.')[0], StringComparison.OrdinalIgnoreCase) || part.Equals(Deployment, StringComparison.OrdinalIgnoreCase));

    private sealed record Asked(string? Path, string? Query, Uri Address);
}
