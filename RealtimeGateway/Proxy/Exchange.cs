using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// What one proxied request has learnt on its way. Transforms leave their verdict here and never write a response; the
/// <see cref="OutcomeMiddleware"/> writes it once, after the last attempt.
/// </summary>
internal sealed class Exchange
{
    /// <summary>What the request's route asks for.</summary>
    public RouteSettings Route { get; init; } = RouteSettings.None;

    /// <summary>The request's time; <c>null</c> outside of the proxy pipeline.</summary>
    public RequestClock? Clock { get; init; }

    /// <summary>The session that the caller asks for, on a route that mints.</summary>
    public RequestedSession? Session { get; set; }

    /// <summary>The caller's SDP offer, on a route that begins calls.</summary>
    public byte[]? Offer { get; set; }

    /// <summary>
    /// What was minted for this one attempt, in place of the destination's credential; never stored, logged or used again. Once it is there the offer
    /// goes out, and every answer to an offer is paid: the request must not be repeated.
    /// </summary>
    public Proof? Secret { get; set; }

    /// <summary>Takes back what the request has begun upstream, for when its answer does not reach the caller.</summary>
    public Action? Undo { get; set; }

    /// <summary>How many times a destination has been tried.</summary>
    public int Attempts { get; private set; }

    /// <summary>The destination of the present attempt, or of the last one.</summary>
    public Destination? Destination { get; set; }

    public Destination RequiredDestination => Destination ?? throw new InvalidOperationException("No destination has been chosen.");

    /// <summary>What proved the gateway to the destination.</summary>
    public Proof? Proof { get; set; }

    /// <summary>Whether the destination refused the proof, and its credential has another one now.</summary>
    public bool IsTurned { get; set; }

    /// <summary>The refusal or failure to answer with.</summary>
    public GatewayError? Error { get; private set; }

    /// <summary>Why the attempt failed, when it was the destination's doing.</summary>
    public UpstreamFailure? Failure { get; private set; }

    /// <summary>What to answer with, in place of the upstream's answer.</summary>
    public GatewayAnswer? Answer { get; private set; }

    /// <summary>Timestamps of sending the request upstream and of its answer, as far as the gateway reads it; 0 when it never came to that.</summary>
    public long SentAt { get; set; }

    public long AnsweredAt { get; set; }

    /// <summary>How long destinations have been waited for, in all attempts together.</summary>
    public TimeSpan UpstreamTime { get; private set; }

    /// <summary>The service's own id of the last answer, which its support asks for.</summary>
    public string? UpstreamRequestId { get; set; }

    /// <summary>A WebSocket has been accepted: whatever ends it, the caller got its answer.</summary>
    public bool IsRelayed { get; set; }

    public void WaitedFor(TimeSpan time) => UpstreamTime += time;

    public void Fail(GatewayError error) => (Error, Failure, Answer) = (error, null, null);

    public void Fail(UpstreamFailure failure) => (Error, Failure, Answer) = (failure.Error, failure, null);

    public void Succeed(GatewayAnswer answer) => (Error, Failure, Answer) = (null, null, answer);

    /// <summary>Forgets what came of the attempt before.</summary>
    public void BeginAttempt()
    {
        Attempts++;
        (Destination, Proof, Secret, Error, Failure, Answer, SentAt, AnsweredAt, IsTurned) = (null, null, null, null, null, null, 0, 0, false);
    }

    public static Exchange Of(HttpContext context) =>
        context.Own<Exchange>() ?? throw new InvalidOperationException("The request is not in the proxy pipeline.");
}
