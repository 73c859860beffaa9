using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Proxy;

/// <summary>What a destination is sent to mint, and what it answers: the same whether the secret is for the caller or for a call of the gateway's.</summary>
internal sealed partial class Minting(ILogger<Minting> logger)
{
    /// <summary>Far above what instructions and tools can make of an answer, echoed back.</summary>
    private const int MaxAnswer = 1024 * 1024;

    // Bodies that depend on nothing but the choice of model and voice are written once for the life of the snapshot.
    private readonly ConcurrentDictionary<(SessionProfile, Destination, string Model, string Voice, int Seconds), byte[]> _bodies = new();

    /// <summary>The session that the profile makes of the caller's choices, worded for the destination.</summary>
    public byte[] BodyFor(RequestedSession session, Destination destination) => session.IsOfProfile
        ? _bodies.GetOrAdd(
            (session.Profile, destination, session.Model, session.Voice, session.SecretLifetimeSeconds),
            static (_, arg) => Write(arg.session, arg.destination),
            (session, destination))
        : Write(session, destination);

    /// <summary><c>null</c>, and a line in the log, when the answer cannot be read or is no session.</summary>
    public async Task<MintedSession?> ReadAsync(HttpResponseMessage response, Destination destination, string requestId, CancellationToken cancellation)
    {
        using var body = await UpstreamBody.ReadAsync(response, MaxAnswer, cancellation);
        if (body is not null && MintedSession.Read(body.Memory.Span) is { } minted)
            return minted;
        Log.Unreadable(logger, destination.Name, (int)response.StatusCode, requestId);
        return null;
    }

    private static byte[] Write(RequestedSession session, Destination destination)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(body))
            destination.Dialect.WriteMintRequest(writer, session, destination.Deployment ?? session.Model);
        return body.WrittenSpan.ToArray();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Destination {Destination} answered {Status} with a body that is no session, request {RequestId}")]
        public static partial void Unreadable(ILogger logger, string destination, int status, string requestId);
    }
}
