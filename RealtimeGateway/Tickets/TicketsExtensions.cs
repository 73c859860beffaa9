namespace RealtimeGateway.Tickets;

/// <summary>
/// Tickets: what <c>POST /openai/v1/realtime/client_secrets</c> and every other route with <c>SessionResponse: ticket</c> gives, for the routes that begin calls
/// and sockets.
/// </summary>
internal static class TicketsExtensions
{
    public static void AddTickets(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TicketSeal>();
        builder.Services.AddSingleton<TicketScheme>();
        builder.Services.AddSingleton<SpentTickets>();
    }

    /// <summary>Redeems them, when there is a destination to ask.</summary>
    public static void UseRedemption(this IApplicationBuilder proxy) => proxy.UseMiddleware<RedemptionMiddleware>();

    /// <summary>Gives them, after a destination has been chosen.</summary>
    public static void UseTickets(this IApplicationBuilder proxy) => proxy.UseMiddleware<IssueMiddleware>();
}
