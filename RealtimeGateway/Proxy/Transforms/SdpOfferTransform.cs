using RealtimeGateway.Calls;
using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Mints a secret at the destination that was chosen and sends the caller's offer there with it. A mint that fails may go on to another destination; from
/// then on the exchange is seen through, and a call that nobody waits for any more is hung up.
/// </summary>
internal sealed partial class SdpOfferTransform(Minting minting, DestinationRequests requests, OrphanedCalls orphans, TimeProvider time, ILogger<SdpOfferTransform> logger) : RequestTransform
{
    private const string MintOperation = "mint";

    public override async ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var cluster = context.HttpContext.GetReverseProxyFeature().Cluster;
        var begin = time.GetTimestamp();
        try
        {
            if (await MintAsync(context, exchange, cluster) is { } secret)
                Offer(context, exchange, cluster, secret);
        }
        catch (OperationCanceledException) when (exchange.Clock is { CallerLeft: true })
        {
            Refusal.Set(context, GatewayError.CallerGone);
        }
        catch (OperationCanceledException)
        {
            Log.Slow(logger, exchange.RequiredDestination.Name, context.HttpContext.TraceIdentifier);
            Refusal.Set(context, UpstreamFailure.TimedOut);
        }
        finally
        {
            exchange.WaitedFor(time.GetElapsedTime(begin));
        }
    }

    private async Task<EphemeralSecret?> MintAsync(RequestTransformContext context, Exchange exchange, ClusterModel cluster)
    {
        var (destination, requestId, cancellation) = (exchange.RequiredDestination, context.HttpContext.TraceIdentifier, context.CancellationToken);
        using var answer = await requests.PostAsync(
            cluster, destination, GaDialect.SecretsPath, minting.BodyFor(exchange.Session!, destination), MintOperation, requestId, cancellation);
        exchange.Proof = answer.Proof;
        var failure = answer.Failure;
        if (answer.Response is { IsSuccessStatusCode: false } refusal)
            failure = await requests.ReadRefusalAsync(refusal, destination, isMint: true, requestId, cancellation);
        if (failure is null && await minting.ReadAsync(answer.Response!, destination, requestId, cancellation) is { } minted)
            return minted.Secret;
        Refusal.Set(context, failure ?? UpstreamFailure.Unreadable);
        return null;
    }

    private void Offer(RequestTransformContext context, Exchange exchange, ClusterModel cluster, EphemeralSecret secret)
    {
        var (destination, requestId) = (exchange.RequiredDestination, context.HttpContext.TraceIdentifier);
        (exchange.Proof, exchange.Secret) = (null, secret.AsProof()); // a refusal of the secret is no word about the credential
        exchange.Clock?.EndAttempt();
        RequestBody.Replace(context, new(exchange.Offer!, Sdp.ContentType));
        if (exchange.Session!.Profile.Options.EventFilter)
            context.Query.Collection["webrtcfilter"] = "on";
        context.ProxyRequest.Options.Set(UnbrokenHandler.Heir, late => orphans.Take(destination, cluster, late, requestId));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No mint: timeout at destination {Destination}, request {RequestId}")]
        public static partial void Slow(ILogger logger, string destination, string requestId);
    }
}
