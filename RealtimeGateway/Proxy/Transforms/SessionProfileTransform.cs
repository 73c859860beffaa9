using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Replaces the caller's body by the session that the profile makes of it, worded for the destination that was chosen.</summary>
internal sealed class SessionProfileTransform : RequestTransform
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    // Bodies that depend on nothing but the choice of model and voice are written once for the life of the snapshot.
    private readonly ConcurrentDictionary<(SessionProfile, Destination, string Model, string Voice), byte[]> _bodies = new();

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        Replace(context, exchange.Session ?? throw new InvalidOperationException("Nothing has been asked for."), exchange.RequiredDestination);
        return ValueTask.CompletedTask;
    }

    private void Replace(RequestTransformContext context, RequestedSession session, Destination destination)
    {
        var body = session.IsOfProfile
            ? _bodies.GetOrAdd((session.Profile, destination, session.Model, session.Voice), static (_, arg) => Write(arg.session, arg.destination), (session, destination))
            : Write(session, destination);
        context.HttpContext.Request.Body = new MemoryStream(body, writable: false);
        var headers = context.ProxyRequest.Content!.Headers;
        headers.ContentLength = body.Length;
        headers.ContentType = Json;
    }

    private static byte[] Write(RequestedSession session, Destination destination)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(body))
            destination.Dialect.WriteMintRequest(writer, session, destination.Deployment ?? session.Model);
        return body.WrittenSpan.ToArray();
    }
}
