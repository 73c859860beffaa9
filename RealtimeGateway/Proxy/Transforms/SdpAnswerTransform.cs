using RealtimeGateway.Callers;
using RealtimeGateway.Calls;
using RealtimeGateway.Limits;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Gives the caller the service's SDP answer and an id of the gateway's own for the call. What is no answer, or does not reach the caller, is hung up.
/// </summary>
internal sealed partial class SdpAnswerTransform(CallIds ids, ActiveCalls active, OrphanedCalls orphans, TimeProvider time, ILogger<SdpAnswerTransform> logger) : ResponseTransform
{
    public override async ValueTask ApplyAsync(ResponseTransformContext context)
    {
        context.SuppressResponseBody = true;
        var (http, exchange) = (context.HttpContext, Exchange.Of(context.HttpContext));
        if (exchange.Error is not null || context.ProxyResponse is not { } response)
            return;

        var upstreamId = Begin(http, exchange, response);
        using var body = await UpstreamBody.ReadAsync(response, Sdp.MaxAnswerLength, context.CancellationToken);
        exchange.AnsweredAt = time.GetTimestamp();
        if ((int)response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status201Created && body is not null && Sdp.IsDescription(body.Memory.Span))
        {
            var location = http.Request.PathBase.Add("/calls/" + Seal(http, exchange, upstreamId)).ToUriComponent();
            exchange.Succeed(new(StatusCodes.Status201Created, Sdp.ContentType, body.Memory.ToArray()) { Location = location });
            return;
        }

        Log.Unreadable(logger, exchange.RequiredDestination.Name, (int)response.StatusCode, http.TraceIdentifier);
        exchange.Fail(UpstreamFailure.Unreadable);
    }

    /// <summary>From here on there is a call that somebody pays for.</summary>
    private string Begin(HttpContext http, Exchange exchange, HttpResponseMessage response)
    {
        var (destination, cluster, upstreamId, lease) = (exchange.RequiredDestination, http.GetReverseProxyFeature().Cluster, Call.UpstreamIdIn(response), CallLease.Of(http));
        exchange.Undo = () =>
        {
            lease?.Release();
            orphans.Take(destination, cluster, upstreamId, http.TraceIdentifier);
        };
        if (upstreamId.Length == 0)
            Log.Nameless(logger, destination.Name, http.TraceIdentifier);
        return upstreamId;
    }

    private string Seal(HttpContext http, Exchange exchange, string upstreamId)
    {
        var (destination, now, lease) = (exchange.RequiredDestination, time.GetUtcNow(), CallLease.Of(http));
        lease?.HoldUntil((now + Call.Longest).ToUnixTimeSeconds(), time);
        var call = new Call
        {
            Cluster = destination.Cluster,
            Destination = destination.Name,
            Address = destination.Address.AbsoluteUri,
            UpstreamId = upstreamId,
            Profile = exchange.Session!.Profile.Name,
            Begun = now,
            Lease = lease?.Name,
        };
        var id = ids.Seal(call, Caller.Of(http));
        call = call with { Name = CallIds.NameOf(id) };
        active.Begin(call);
        exchange.Undo += () => active.End(call, ActiveCalls.Undelivered);
        return id;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Destination {Destination} answered {Status} with a body that is no SDP, request {RequestId}")]
        public static partial void Unreadable(ILogger logger, string destination, int status, string requestId);

        [LoggerMessage(2, LogLevel.Warning, "Destination {Destination} began a call without saying its id: it cannot be hung up, request {RequestId}")]
        public static partial void Nameless(ILogger logger, string destination, string requestId);
    }
}
