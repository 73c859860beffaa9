using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text.Json;
using RealtimeGateway.Callers;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>
/// Replaces the caller's body by the session that the profile makes of it, worded for the destination that was chosen. With
/// <c>?profile=NAME</c> the caller picks another profile than the route's.
/// </summary>
internal sealed class SessionProfileTransform(
    IReadOnlyDictionary<string, SessionProfile> profiles, string profileName, IEnumerable<Destination> destinations) : RequestTransform
{
    private readonly FrozenSet<string> _deployments = destinations.Select(destination => destination.Deployment).OfType<string>().ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What a route without a smaller <c>MaxRequestBodySize</c> takes, in bytes.</summary>
    private const int MaxBody = 256 * 1024;

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
        Replace(context, session, exchange.RequiredDestination);
    }

    private async ValueTask<(RequestedSession? Session, GatewayError? Error)> ReadAsync(RequestTransformContext context)
    {
        var request = context.HttpContext.Request;
        var name = request.Query.TryGetValue("profile", out var asked) ? asked.ToString() : profileName;
        // One answer to both: whoever may not use a profile does not learn that it exists.
        if (!profiles.TryGetValue(name, out var profile) || !Caller.Of(context.HttpContext).MayUse(profile))
            return (null, GatewayError.ForbiddenProfile);
        if (context.ProxyRequest.Content is null || request.ContentLength is 0)
            return (null, GatewayError.InvalidJson);
        if (!request.HasJsonContentType())
            return (null, GatewayError.UnsupportedMediaType);

        try
        {
            if (await ReadToEndAsync(request.BodyReader, context.CancellationToken) is not { } body)
                return (null, context.CancellationToken.IsCancellationRequested ? GatewayError.SlowRequest : GatewayError.RequestTooLarge);
            var result = SessionRequest.Read(body, profile, _deployments);
            request.BodyReader.AdvanceTo(body.End);
            return result;
        }
        catch (BadHttpRequestException e)
        {
            return (null, GatewayError.ForStatus(e.StatusCode));
        }
    }

    /// <summary>The whole body; <c>null</c> when it is too long or the time is up.</summary>
    private static async ValueTask<ReadOnlySequence<byte>?> ReadToEndAsync(PipeReader reader, CancellationToken cancellation)
    {
        // Cancelling the read itself would leave it pending, and Kestrel could not end the request properly.
        await using var _ = cancellation.Register(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        while (true)
        {
            var result = await reader.ReadAsync(CancellationToken.None);
            if (result is { IsCompleted: true, IsCanceled: false } && result.Buffer.Length <= MaxBody)
                return result.Buffer;
            if (result.IsCanceled || result.Buffer.Length > MaxBody)
            {
                reader.AdvanceTo(result.Buffer.End);
                return null;
            }

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
    }

    private static byte[] Write(RequestedSession session, Destination destination)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(body))
            destination.Dialect.WriteMintRequest(writer, session, destination.Deployment ?? session.Model);
        return body.WrittenSpan.ToArray();
    }
}
