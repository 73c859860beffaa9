using RealtimeGateway.Limits;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Reduces the minting answer to the members of the contract. An answer that cannot be read is an error, never passed on.</summary>
internal sealed class SessionResponseTransform(Minting minting, TimeProvider time) : ResponseTransform
{
    public override async ValueTask ApplyAsync(ResponseTransformContext context)
    {
        context.SuppressResponseBody = true;
        var exchange = Exchange.Of(context.HttpContext);
        if (exchange.Error is not null || context.ProxyResponse is not { } response || exchange is not { Session: { } session, Destination: { } destination })
            return;

        var minted = await minting.ReadAsync(response, destination, context.HttpContext.TraceIdentifier, context.CancellationToken);
        exchange.AnsweredAt = time.GetTimestamp();
        if (minted is not null)
        {
            CallLease.Of(context.HttpContext)?.HoldUntil(minted.Secret.ExpiresAt, time);
            exchange.Succeed(GatewayAnswer.Json(minted.WriteFor(session, destination.WebRtcUrl)));
        }
        else
        {
            exchange.Fail(UpstreamFailure.Unreadable);
        }
    }
}
