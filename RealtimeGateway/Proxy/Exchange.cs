using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>
/// What one proxied request has learnt on its way. Transforms leave their verdict here and never write a response; the
/// <see cref="OutcomeMiddleware"/> writes it once, after forwarding has ended.
/// </summary>
internal sealed class Exchange
{
    /// <summary>The destination that the request went to.</summary>
    public Destination? Destination { get; set; }

    public Destination RequiredDestination => Destination ?? throw new InvalidOperationException("No destination has been chosen.");

    /// <summary>What proved the gateway to the destination.</summary>
    public Proof? Proof { get; set; }

    /// <summary>The session that the caller asks for, on a route that mints.</summary>
    public RequestedSession? Session { get; set; }

    /// <summary>The refusal or failure to answer with.</summary>
    public GatewayError? Error { get; private set; }

    /// <summary>The JSON to answer with, in place of the upstream's.</summary>
    public ReadOnlyMemory<byte>? Answer { get; private set; }

    /// <summary>Timestamps of sending the request upstream and of its answer's headers; 0 when it never came to that.</summary>
    public long SentAt { get; set; }

    public long AnsweredAt { get; set; }

    public void Fail(GatewayError error) => (Error, Answer) = (error, null);

    public void Succeed(ReadOnlyMemory<byte> answer) => (Error, Answer) = (null, answer);

    public static Exchange Of(HttpContext context) =>
        context.Features.Get<Exchange>() ?? throw new InvalidOperationException("The request is not in the proxy pipeline.");
}
