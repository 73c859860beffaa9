using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The first response transform: whatever is not a success stays inside, and becomes an error of ours. It also takes back the reason phrase,
/// which YARP copies and no header allow-list covers.
/// </summary>
internal sealed partial class UpstreamErrorTransform(TimeProvider time, ILogger<UpstreamErrorTransform> logger) : ResponseTransform
{
    public override async ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        exchange.AnsweredAt = time.GetTimestamp();
        if (context.ProxyResponse is not { } response)
            return; // the transport failed; YARP reports how

        context.HttpContext.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        if (response.IsSuccessStatusCode)
        {
            if (exchange.Session is null)
                exchange.Clock?.EndAttempt(); // the answer is on its way to the caller and cannot be taken back; a minted one is read first
            return;
        }

        context.SuppressResponseBody = true;
        var destination = exchange.RequiredDestination;
        var failure = await UpstreamRefusal.ReadAsync(response, destination, isMint: exchange.Session is not null, time, context.CancellationToken);
        exchange.Fail(failure);
        var level = failure.Error.Code == GatewayError.UpstreamMisconfigured.Code ? LogLevel.Error : LogLevel.Warning;
        Log.Refused(logger, level, destination.Name, failure.Status, failure.Cause, failure.Error.Code, context.HttpContext.TraceIdentifier, UpstreamRequestId(response));
    }

    /// <summary>The id that Azure support asks for.</summary>
    private static string? UpstreamRequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues("apim-request-id", out var values) ? values.First() : null;

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "Destination {Destination} answered {Status} ({UpstreamCode}): {Code}, request {RequestId}, apim-request-id {UpstreamRequestId}")]
        public static partial void Refused(
            ILogger logger, LogLevel level, string destination, int status, string? upstreamCode, string code, string requestId, string? upstreamRequestId);
    }
}
