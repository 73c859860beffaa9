using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Tickets;

/// <summary>
/// On a route with <c>SessionResponse: ticket</c>, where YARP would forward: makes a ticket for the destination that was chosen. No destination is asked.
/// </summary>
internal sealed class IssueMiddleware(RequestDelegate next, TicketSeal seal, LiveConfiguration live, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        if (!exchange.Route.GivesTickets)
            return next(context);
        Issue(context, exchange, exchange.Session!);
        return Task.CompletedTask;
    }

    private void Issue(HttpContext context, Exchange exchange, RequestedSession session)
    {
        if (context.GetReverseProxyFeature().AvailableDestinations is not [var chosen, ..])
        {
            exchange.Fail(GatewayError.NoDestination);
            return;
        }

        exchange.Destination = Array.Find(exchange.Route.Destinations, destination => destination.Name.Equals(chosen.DestinationId, StringComparison.OrdinalIgnoreCase));
        var lease = CallLease.Of(context);
        var ticket = Write(Caller.Of(context), session, exchange.RequiredDestination, lease);
        if (seal.Seal(ticket) is not { } text)
        {
            exchange.Fail(TooLong(session));
            return;
        }

        lease?.HoldUntil(ticket.Expires.ToUnixTimeSeconds(), time);
        exchange.Undo = () => lease?.Release();
        exchange.Succeed(GatewayAnswer.Json(TicketAnswer.Write(text, ticket, session)));
    }

    private Ticket Write(Caller caller, RequestedSession session, Destination destination, CallLease? lease) => new()
    {
        Identity = caller.Identity,
        Grants = [.. caller.Grants.Where(IsAskedFor)],
        Profile = session.Profile.Name,
        Choice = SessionChoice.Write(session),
        Cluster = destination.Cluster,
        Destination = destination.Name,
        Expires = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds() + session.SecretLifetimeSeconds),
        Number = Guid.NewGuid(),
        Lease = lease?.Name,
    };

    // A token may hold a hundred roles, and a header has no room for them.
    private bool IsAskedFor(string grant) => live.Current.Settings.Values.Any(route => route is { TakesTickets: true, Gate: { } gate } && gate.Access.Names(grant));

    private static GatewayError TooLong(RequestedSession session)
    {
        var member = (session.Tools?.Length ?? 0) > (session.Instructions?.Length ?? 0) ? "session.tools" : "session.instructions";
        return GatewayError.InvalidValue.About(member, $"What was chosen of the session is too long: a secret that carries it may have {TicketSeal.MaxLength} characters.");
    }
}
