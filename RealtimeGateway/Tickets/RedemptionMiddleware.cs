using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tickets;

/// <summary>
/// Spends the ticket of a request just before a destination is asked for the first time: a request that was refused, or for which there is no destination, costs
/// none. After that it is gone, whatever comes of it.
/// </summary>
internal sealed class RedemptionMiddleware(RequestDelegate next, SpentTickets spent)
{
    public Task InvokeAsync(HttpContext context) =>
        Exchange.Of(context) is { Attempts: 1 } exchange && Ticket.Of(context) is { } ticket ? RedeemAsync(context, exchange, ticket) : next(context);

    private async Task RedeemAsync(HttpContext context, Exchange exchange, Ticket ticket)
    {
        switch (await spent.TrySpendAsync(ticket))
        {
            case Spending.Spent:
                await next(context);
                break;
            case Spending.SpentBefore:
                exchange.Fail(GatewayError.Unauthorized.Saying("This secret has been used; every session needs one of its own."));
                break;
            case Spending.Expired:
                exchange.Fail(GatewayError.Unauthorized.Saying("This secret has expired."));
                break;
            default:
                exchange.Fail(GatewayError.TicketsUnavailable);
                break;
        }
    }
}
