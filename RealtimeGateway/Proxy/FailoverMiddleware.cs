using RealtimeGateway.Telemetry;
using RealtimeGateway.Tickets;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Runs the rest of the pipeline with one destination after another until an attempt goes well, the request may not be repeated, or nothing is left to
/// try; and lets each destination's health learn from it. What a failed attempt leaves in the <see cref="Exchange"/> is the answer when it was the last.
/// </summary>
internal sealed partial class FailoverMiddleware(RequestDelegate next, GatewayMetrics metrics, TimeProvider time, ILogger<FailoverMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var exchange = Exchange.Of(context);
        return exchange.Route.Failover is { } rules ? TryAsync(context, exchange, rules) : AttemptAsync(context, exchange, limit: null);
    }

    private async Task TryAsync(HttpContext context, Exchange exchange, FailoverRules rules)
    {
        var proxy = context.GetReverseProxyFeature();
        var candidates = new Candidates(exchange.Route.Destinations, exchange.Session, Ticket.Of(context), proxy);
        var (body, error) = await RepeatableBody.ReadAsync(context, exchange, rules);
        if (body is null)
        {
            exchange.Fail(error!);
            return;
        }

        if (exchange.Session is null)
            LearnWhenItStarts(context, exchange, candidates);
        while (candidates.Next(mayProbe: body.IsRepeatable && !exchange.Route.GivesTickets) is { Count: > 0 } chosen)
        {
            proxy.AvailableDestinations = chosen;
            body.Rewind();
            try
            {
                var hasOther = body.IsRepeatable && candidates.Tried + 1 < rules.Attempts && candidates.HasOtherThan(chosen);
                await AttemptAsync(context, exchange, hasOther ? rules.AttemptTimeout : null);
                Learn(exchange, isTimeTelling: body.IsComplete && !context.Response.HasStarted && exchange.Clock?.WasFair(rules.AttemptTimeout) is not false);
            }
            finally
            {
                candidates.EndProbe();
            }

            if (context.Response.HasStarted || !MayGoOn(exchange, candidates, body, rules))
                break;
            context.Response.Clear();
        }

        if (!context.Response.HasStarted)
            Settle(exchange, candidates);
    }

    // What passes through may take as long as it takes.
    private void LearnWhenItStarts(HttpContext context, Exchange exchange, Candidates candidates) => context.Response.OnStarting(() =>
    {
        if (exchange.Error is null)
            Learn(exchange, isTimeTelling: false);
        candidates.EndProbe();
        return Task.CompletedTask;
    });

    /// <summary>Whether another attempt is allowed and makes sense; where the next one may go is up to the candidates that are left.</summary>
    private static bool MayGoOn(Exchange exchange, Candidates candidates, RepeatableBody body, FailoverRules rules)
    {
        if (exchange is not { Failure: { } failure, Destination: { } destination, Clock: { CallerLeft: false, HasTimeLeft: true } })
            return false;
        // A key that was refused is not the destination's fault. Its other key is worth a try at once, but only a mint may be repeated for it.
        if (exchange is { IsTurned: true, Session: not null } && candidates.TryAgain(destination))
            return true;
        candidates.Remove(destination);
        return candidates.Tried < rules.Attempts && body.MayRepeat(failure, rules, isOffered: exchange.Secret is not null);
    }

    private async Task AttemptAsync(HttpContext context, Exchange exchange, TimeSpan? limit)
    {
        exchange.BeginAttempt();
        using var span = RequestSpan.BeginAttempt();
        context.Features.Set<IForwarderErrorFeature>(null);
        exchange.Clock?.BeginAttempt(limit);
        await next(context);
        if (exchange is { Error: null, Answer: null } && context.Features.Get<IForwarderErrorFeature>() is { } transport)
            Explain(context, exchange, transport);
        if (exchange.SentAt > 0)
            EndAttempt(exchange);
        span?.Tell(exchange);
    }

    private void EndAttempt(Exchange exchange)
    {
        var duration = time.GetElapsedTime(exchange.SentAt, exchange.AnsweredAt > 0 ? exchange.AnsweredAt : time.GetTimestamp());
        exchange.WaitedFor(duration);
        metrics.Attempted(exchange, duration);
    }

    /// <summary>What it means that YARP could not forward, or not to the end.</summary>
    private void Explain(HttpContext context, Exchange exchange, IForwarderErrorFeature transport)
    {
        if (exchange.Clock is { CallerLeft: true })
        {
            exchange.Fail(GatewayError.CallerGone);
            return;
        }

        var failure = exchange.Clock is { HasRunOut: true } ? UpstreamFailure.TimedOut : UpstreamFailure.Of(transport);
        Log.NotForwarded(logger, failure is null ? transport.Error.ToString() : failure.Cause, exchange.Destination?.Name, transport.Exception?.GetBaseException().Message, context.TraceIdentifier);
        if (failure is not null)
            exchange.Fail(failure);
        else
            exchange.Fail(ErrorOf(context, transport));
    }

    private static GatewayError ErrorOf(HttpContext context, IForwarderErrorFeature transport) => transport.Error switch
    {
        ForwarderError.NoAvailableDestinations => GatewayError.NoDestination,
        ForwarderError.RequestBodyClient => GatewayError.ForStatus(context.Response.StatusCode),
        ForwarderError.UpgradeResponseClient when transport.Exception is InvalidOperationException => GatewayError.TooManySockets, // Inbound:MaxWebSockets
        ForwarderError.RequestCreation or ForwarderError.ResponseHeaders => GatewayError.InternalError,
        _ => GatewayError.UpstreamUnavailable,
    };

    /// <summary>Lets the destination's health and credential learn from the attempt.</summary>
    /// <param name="isTimeTelling">
    /// Whether time that ran out says something of the destination: not when the caller was slow to send or to read, or had used it up before.
    /// </param>
    private void Learn(Exchange exchange, bool isTimeTelling)
    {
        // A destination may be chosen without being asked anything.
        if (exchange.Destination is not { } destination || exchange is { SentAt: 0, Failure: null })
            return;
        var (failure, health) = (exchange.Failure, destination.HealthFor(exchange.Session));
        if (exchange is { Proof: { } proof, Destination.Credential: { } credential } && (failure?.Status is > 0 || failure is null))
        {
            if (failure?.Kind is FailureKind.Unauthorized)
                exchange.IsTurned = credential.TryTurnFrom(proof);
            else if (failure is null ? exchange.Error is null : failure.Kind is FailureKind.Rejected or FailureKind.Throttled)
                credential.Accepted(proof); // a 5xx may come before anybody has looked at the key
        }

        if (failure is null or { Kind: FailureKind.Rejected })
        {
            if ((exchange.Error is null || failure is not null) && health.Succeeded())
                Log.Back(logger, destination.Name);
        }
        else if (!exchange.IsTurned && (isTimeTelling || !failure.IsTimeout) && health.Failed(failure, destination.Credential, destination.Circuit) is { } until)
        {
            Log.Out(logger, failure.Kind is FailureKind.Misconfigured or FailureKind.Unauthorized ? LogLevel.Error : LogLevel.Warning, destination.Name, until, failure.Cause);
        }
    }

    /// <summary>With no attempt left: what to tell the caller.</summary>
    private static void Settle(Exchange exchange, Candidates candidates)
    {
        if ((exchange.Attempts == 0 || exchange.Failure?.Kind is FailureKind.Throttled) && candidates.ShortestQuiet is { } wait)
            exchange.Fail(GatewayError.UpstreamRateLimited.RetryAfter(wait));
        else if (exchange.Attempts == 0)
            exchange.Fail(GatewayError.NoDestination);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Forwarding failed: {Cause} at destination {Destination} ({Detail}), request {RequestId}")]
        public static partial void NotForwarded(ILogger logger, string cause, string? destination, string? detail, string requestId);

        [LoggerMessage(EventId = 2, Message = "Destination {Destination} is out until {Until:O}: {Cause}")]
        public static partial void Out(ILogger logger, LogLevel level, string destination, DateTimeOffset until, string cause);

        [LoggerMessage(3, LogLevel.Information, "Destination {Destination} is well again")]
        public static partial void Back(ILogger logger, string destination);
    }
}
