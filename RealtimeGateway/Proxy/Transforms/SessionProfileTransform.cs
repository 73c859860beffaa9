using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text.Json;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Replaces the caller's body by the session that the profile makes of it, worded for the destination that was chosen. With
/// <c>?profile=NAME</c> the caller picks another profile than the route's.
/// </summary>
internal sealed class SessionProfileTransform(Snapshot snapshot, string profileName, IReadOnlyDictionary<string, Destination> destinations) : RequestTransform
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    // Bodies that depend on nothing but the choice of model and voice are written once for the life of the snapshot.
    private readonly ConcurrentDictionary<(SessionProfile, Destination, string Model, string Voice), byte[]> _bodies = new();

    public override async ValueTask ApplyAsync(RequestTransformContext context)
    {
        var exchange = Exchange.Of(context.HttpContext);
        var (session, error) = await ReadAsync(context);
        if (session is null)
        {
            Refusal.Set(context, error ?? GatewayError.InternalError);
            return;
        }

        exchange.Session = session;
        var chosen = context.HttpContext.GetReverseProxyFeature().ProxiedDestination;
        if (chosen is not null && destinations.TryGetValue(chosen.DestinationId, out var destination))
            Replace(context, session, destination);
    }

    private async ValueTask<(RequestedSession? Session, GatewayError? Error)> ReadAsync(RequestTransformContext context)
    {
        var request = context.HttpContext.Request;
        var name = request.Query.TryGetValue("profile", out var asked) ? asked.ToString() : profileName;
        if (!snapshot.Profiles.TryGetValue(name, out var profile))
            return (null, GatewayError.InvalidValue.About("profile", "There is no such profile."));
        if (context.ProxyRequest.Content is null || request.ContentLength is 0)
            return (null, GatewayError.InvalidJson);
        if (!request.HasJsonContentType())
            return (null, GatewayError.UnsupportedMediaType);

        try
        {
            var body = await ReadToEndAsync(request.BodyReader, context.CancellationToken);
            var result = SessionRequest.Read(body, profile, IsDeployment);
            request.BodyReader.AdvanceTo(body.End);
            return result;
        }
        catch (BadHttpRequestException e)
        {
            return (null, GatewayError.ForStatus(e.StatusCode));
        }
    }

    private bool IsDeployment(string name) => destinations.Values.Any(destination => destination.Deployment == name);

    private static async ValueTask<ReadOnlySequence<byte>> ReadToEndAsync(PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellation);
            if (result.IsCompleted)
                return result.Buffer;
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
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
        if (destination.Dialect.MintPath is { } path)
            context.Path = path;
        if (destination.Dialect.ApiVersion is { } version)
            context.Query.Collection["api-version"] = version;
    }

    private static byte[] Write(RequestedSession session, Destination destination)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(body))
            destination.Dialect.WriteMintRequest(writer, session, destination.Deployment ?? session.Model);
        return body.WrittenSpan.ToArray();
    }
}
