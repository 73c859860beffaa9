using System.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Replaces the caller's body by the session that the profile makes of it, worded for the destination that was chosen.</summary>
internal sealed class SessionProfileTransform(Minting minting) : RequestTransform
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var session = exchange.Session ?? throw new InvalidOperationException("Nothing has been asked for.");
        RequestBody.Replace(context, minting.BodyFor(session, exchange.RequiredDestination), Json);
        return ValueTask.CompletedTask;
    }
}

/// <summary>How a request transform sends another body: YARP keeps its own content, which reads the caller's request.</summary>
internal static class RequestBody
{
    public static void Replace(RequestTransformContext context, byte[] body, MediaTypeHeaderValue type)
    {
        context.HttpContext.Request.Body = new MemoryStream(body, writable: false);
        var headers = context.ProxyRequest.Content!.Headers;
        headers.ContentLength = body.Length;
        headers.ContentType = type;
    }
}
