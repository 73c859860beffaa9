using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Replaces the caller's body by the session that the profile makes of it, worded for the destination that was chosen.</summary>
internal sealed class SessionProfileTransform(Minting minting) : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var session = exchange.Session ?? throw new InvalidOperationException("Nothing has been asked for.");
        RequestBody.Replace(context, new(minting.BodyFor(session, exchange.RequiredDestination), "application/json"));
        return ValueTask.CompletedTask;
    }
}

/// <summary>How a request transform sends another body: YARP insists on its own content, which reads the caller's request, until its handler has the message.</summary>
internal static class RequestBody
{
    public static void Replace(RequestTransformContext context, OwnContent body) => context.ProxyRequest.Options.Set(UnbrokenHandler.Body, body);
}
