using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The first response transform: whatever is not a success stays inside, and becomes an error of ours. It also takes back the reason phrase,
/// which YARP copies and no header allow-list covers.
/// </summary>
internal sealed class UpstreamErrorTransform(DestinationRequests requests, TimeProvider time) : ResponseTransform
{
    public override async ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        exchange.AnsweredAt = time.GetTimestamp();
        if (context.ProxyResponse is not { } response)
            return; // the transport failed; YARP reports how

        exchange.UpstreamRequestId = DestinationRequests.UpstreamRequestId(response);
        context.HttpContext.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        if (response.IsSuccessStatusCode || (response.StatusCode is HttpStatusCode.NotModified && exchange.Session is null))
        {
            if (exchange.Session is null)
                exchange.Clock?.EndAttempt(); // the answer is on its way to the caller and cannot be taken back; a minted one is read first
            return;
        }

        context.SuppressResponseBody = true;
        exchange.Fail(await requests.ReadRefusalAsync(
            response, exchange.RequiredDestination, isMint: exchange.Session is not null, context.HttpContext.TraceIdentifier, context.CancellationToken));
    }
}
