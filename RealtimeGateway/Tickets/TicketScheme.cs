using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Tickets;

/// <summary>
/// Tickets as a way to prove who one is: the caller that had it made. They count where sessions are begun and nowhere else. One that this process knows to be spent
/// proves nobody; whether another one has spent it, <see cref="RedemptionMiddleware"/> finds out.
/// </summary>
internal sealed class TicketScheme(TicketSeal seal, SpentTickets spent, GatewayLimits limits, LiveConfiguration live, TimeProvider time)
{
    /// <summary><c>null</c> when it proves nobody here.</summary>
    public Caller? Find(HttpContext context, string credential, CallerSchemes schemes)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>()?.TakesTickets is not true || seal.Open(credential, time.GetUtcNow()) is not { } ticket || !spent.TryPresent(ticket))
            return null;
        context.Features.Set(ticket);
        // The session that begins now counts by itself. Should it not come to that, the ticket is still good, and takes no place until then.
        if (ticket.Lease is { } lease)
            limits.Release(lease, live.Current.Limits);
        return schemes.Again(ticket.Identity, ticket.Grants, ticket.Profile);
    }
}
