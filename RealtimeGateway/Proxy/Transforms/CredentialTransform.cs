using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// The last request transform: takes every credential of the caller away and gives the request the destination's address and credential.
/// Both come from the same object, because YARP changes a destination's address in place while requests are on their way.
/// </summary>
internal sealed partial class CredentialTransform(TimeProvider time, ILogger<CredentialTransform> logger) : RequestTransform
{
    public override async ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var destination = exchange.RequiredDestination;
        if (exchange.Session is not null)
            Mint(context, destination.Dialect);
        CredentialHeaders.RemoveFrom(context.ProxyRequest);
        try
        {
            await DestinationClient.PrepareAsync(
                context.ProxyRequest, destination, context.Path, context.Query.QueryString, exchange, context.CancellationToken);
            exchange.SentAt = time.GetTimestamp();
        }
        // Time that runs out here is not the destination's, which has not been asked.
        catch (Exception e) when (e is CredentialAwayException || (e is OperationCanceledException && exchange.Clock is { HasRunOut: true }))
        {
            Log.Away(logger, destination.Name, e.Message, context.HttpContext.TraceIdentifier);
            Refusal.Set(context, UpstreamFailure.NoToken);
        }
    }

    // The route's own path transforms speak of general availability; the destination has the last word.
    private static void Mint(RequestTransformContext context, IRealtimeDialect dialect)
    {
        if (dialect.MintPath is { } path)
            context.Path = path;
        if (dialect.ApiVersion is { } version)
            context.Query.Collection["api-version"] = version;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Destination {Destination} cannot be asked: {Cause}, request {RequestId}")]
        public static partial void Away(ILogger logger, string destination, string cause, string requestId);
    }
}
