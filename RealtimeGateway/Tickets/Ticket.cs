using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tickets;

/// <summary>
/// What begins one session, once and soon: a caller has it made and hands it to a page, in place of Azure's own secret, which is minted when the ticket is
/// redeemed. Only a sealed text of it leaves the gateway.
/// </summary>
internal sealed class Ticket
{
    /// <summary>What tickets begin with, as the secrets of the service do: OpenAI's SDKs look for it.</summary>
    public const string Prefix = "ek_";

    /// <summary>Of the caller that had it made; empty for anonymous.</summary>
    public required string Identity { get; init; }

    /// <summary>Those of its scopes, roles and keys that routes ask for.</summary>
    public required IReadOnlyList<string> Grants { get; init; }

    /// <summary>The profile that it is for, and no other.</summary>
    public required string Profile { get; init; }

    /// <summary>What the caller chose of the session, as <c>POST /sessions</c> takes it; judged anew when the ticket is redeemed.</summary>
    public required ReadOnlyMemory<byte> Choice { get; init; }

    public required string Cluster { get; init; }

    /// <summary>Where it is redeemed first.</summary>
    public required string Destination { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>Unique over all replicas; what it is remembered by once it is spent.</summary>
    public required Guid Number { get; init; }

    /// <summary>What limits count it as until it is redeemed; <c>null</c> when none does.</summary>
    public LeaseName? Lease { get; init; }

    /// <summary>Whether this is where it is redeemed first.</summary>
    public bool IsFor(Destination destination) =>
        destination.Name.Equals(Destination, StringComparison.OrdinalIgnoreCase) && destination.Cluster.Equals(Cluster, StringComparison.OrdinalIgnoreCase);

    /// <summary>The session that it was made for, as far as the profile still allows it.</summary>
    public (RequestedSession? Session, GatewayError? Error) SessionOf(SessionProfile profile, Destination[] destinations) =>
        SessionRequest.Read(new(Choice), profile, SessionReader.DeploymentsFor(profile, destinations));

    /// <summary>The ticket that this request has come with; <c>null</c> when it proves itself otherwise.</summary>
    public static Ticket? Of(HttpContext context) => context.Own<Ticket>();
}
