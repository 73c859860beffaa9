using RealtimeGateway.Limits;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Reduces the minting answer to the members of the contract. An answer that cannot be read is an error, never passed on.</summary>
internal sealed partial class SessionResponseTransform(TimeProvider time, ILogger<SessionResponseTransform> logger) : ResponseTransform
{
    /// <summary>Far above what instructions and tools can make of an answer, echoed back.</summary>
    private const int MaxAnswer = 1024 * 1024;

    public override async ValueTask ApplyAsync(ResponseTransformContext context)
    {
        context.SuppressResponseBody = true;
        var exchange = Exchange.Of(context.HttpContext);
        if (exchange.Error is not null || context.ProxyResponse is not { } response || exchange is not { Session: { } session, Destination: { } destination })
            return;

        using var body = await UpstreamBody.ReadAsync(response, MaxAnswer, context.CancellationToken);
        if (body is not null && MintedSession.Read(body.Memory.Span) is { } minted)
        {
            CallLease.Of(context.HttpContext)?.HoldUntil(minted.Secret.ExpiresAt, time);
            exchange.Succeed(minted.WriteFor(session, destination.WebRtcUrl));
            return;
        }

        Log.Unreadable(logger, destination.Name, (int)response.StatusCode, context.HttpContext.TraceIdentifier);
        exchange.Fail(UpstreamFailure.Unreadable);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Destination {Destination} answered {Status} with a body that is no session, request {RequestId}")]
        public static partial void Unreadable(ILogger logger, string destination, int status, string requestId);
    }
}
