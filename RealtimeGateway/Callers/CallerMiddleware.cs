using System.Security.Cryptography;
using Microsoft.AspNetCore.Authorization;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Tickets;
using RealtimeGateway.Web;

namespace RealtimeGateway.Callers;

/// <summary>
/// Finds out who sent a request and whether they may come in. Default-deny: an endpoint that does not say otherwise is for callers that
/// proved who they are. Where a credential is not needed, a wrong one is still refused: its sender believes to be somebody.
/// </summary>
internal sealed partial class CallerMiddleware(RequestDelegate next, TicketScheme tickets, TimeProvider time, ILogger<CallerMiddleware> logger)
{
    /// <summary>Whether the request was for something that is not everybody's.</summary>
    public static bool HasSeen(HttpContext context) => context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null;

    public Task InvokeAsync(HttpContext context)
    {
        // Without an endpoint there is nothing to have.
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);
        var gate = Gate.Of(context);
        var credential = gate.Schemes.Any || PresentedCredential.Begins(context.Request, Ticket.Prefix) ? PresentedCredential.Take(context.Request) : null;
        return credential is null ? EnterAsync(context, Caller.Anonymous, gate) : IdentifyAsync(context, credential, gate);
    }

    private async Task IdentifyAsync(HttpContext context, string credential, Gate gate)
    {
        Caller? caller;
        try
        {
            caller = await gate.Schemes.FindAsync(credential, time.GetUtcNow(), context.RequestAborted) ?? tickets.Find(context, credential, gate.Schemes);
        }
        catch (IssuerAwayException)
        {
            await context.Response.WriteErrorAsync(GatewayError.IssuerAway.RetryAfter((int)OidcMetadata.FirstCooldown.TotalSeconds));
            return;
        }
        catch (CryptographicException e) when (e.InnerException is KeysAwayException)
        {
            await context.Response.WriteErrorAsync(GatewayError.KeysUnavailable);
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody waits for the answer
        }

        if (caller is null)
        {
            Log.Unproved(logger, context.TraceIdentifier);
            await context.Response.WriteErrorAsync(GatewayError.Unauthorized);
            return;
        }

        context.Features.Set(caller);
        Log.Proved(logger, context.TraceIdentifier, caller);
        await EnterAsync(context, caller, gate);
    }

    private Task EnterAsync(HttpContext context, Caller caller, Gate gate)
    {
        if (gate.Access.Admits(caller))
            return next(context);
        return context.Response.WriteErrorAsync(caller.IsAnonymous ? GatewayError.Unauthorized : GatewayError.Forbidden);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The credential of request {RequestId} proves nobody")]
        public static partial void Unproved(ILogger logger, string requestId);

        public static void Proved(ILogger logger, string requestId, Caller caller)
        {
            if (logger.IsEnabled(LogLevel.Debug))
                Proved(logger, requestId, caller.LogName);
        }

        [LoggerMessage(2, LogLevel.Debug, "Request {RequestId} is from caller {Caller}", SkipEnabledCheck = true)]
        private static partial void Proved(ILogger logger, string requestId, string caller);
    }
}
