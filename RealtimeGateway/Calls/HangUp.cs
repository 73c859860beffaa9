using System.Net;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Calls;

/// <summary>
/// Ends a call at the resource that carries it: <c>POST …/realtime/calls/{id}/hangup</c>. It can be repeated without harm, so a transport that failed, a
/// service in trouble or a key that has been replaced meanwhile gets a second try.
/// </summary>
internal sealed class HangUp(DestinationRequests requests, CallMetrics metrics, TimeProvider time)
{
    private const string Operation = "hangup";

    /// <summary>For both tries together.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Why the call is over now: <see cref="CallEnd.HangUp"/>, or <see cref="CallEnd.Gone"/> because the service knows no such call; or why it may not be.</summary>
    public async Task<(string? Over, UpstreamFailure? Failure)> EndAsync(Destination destination, ClusterModel cluster, string upstreamId, string cause, string requestId)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var (over, failure) = ((string?)null, (UpstreamFailure?)UpstreamFailure.TimedOut);
        try
        {
            (over, failure, var again) = await TryAsync(destination, cluster, upstreamId, requestId, patience.Token);
            if (again)
                (over, failure, _) = await TryAsync(destination, cluster, upstreamId, requestId, patience.Token);
        }
        catch (OperationCanceledException)
        {
            failure = UpstreamFailure.TimedOut;
        }

        metrics.HungUp(destination.Name, cause, failure?.Error.Code ?? over!);
        return (over, failure);
    }

    private async Task<(string? Over, UpstreamFailure? Failure, bool Again)> TryAsync(
        Destination destination, ClusterModel cluster, string upstreamId, string requestId, CancellationToken cancellation)
    {
        using var answer = await requests.PostAsync(cluster, destination, GaDialect.HangUpPath(upstreamId), body: null, Operation, requestId, cancellation);
        if (answer.Response is not { } response)
            return (null, answer.Failure, answer.Failure != UpstreamFailure.NoToken);
        if (response.IsSuccessStatusCode)
            return (CallEnd.HangUp, null, false);
        // As of a mint, a 404 that speaks of no call speaks of our own address.
        var failure = await UpstreamRefusal.ReadAsync(response, destination, isMint: true, time, cancellation);
        if (SaysGone(failure))
            return (CallEnd.Gone, null, false);
        requests.Note(failure, response, destination, requestId);
        var hasAnotherKey = failure.Kind is FailureKind.Unauthorized && answer.Proof is { } proof && destination.Credential!.TryTurnFrom(proof);
        return (null, failure, hasAnotherKey || failure.Kind is FailureKind.Unavailable);
    }

    /// <summary>
    /// Whether the service says that there is no such call: 404 with its own code, or with no body at all. Any other 404 may come from somebody who knows
    /// nothing of calls, such as a proxy or another resource, and then the call may go on.
    /// </summary>
    private static bool SaysGone(UpstreamFailure failure) => failure is { Status: StatusCodes.Status404NotFound } and ({ IsBare: true } or { Cause: "call_id_not_found" });
}
