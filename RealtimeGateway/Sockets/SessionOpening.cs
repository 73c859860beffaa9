using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Makes a new session the profile's before any caller can speak to it: sends <c>session.update</c>, written by the same hand as a minting request,
/// and waits until the service says that it holds. The caller then hears one <c>session.created</c>, with what holds.
/// </summary>
internal sealed partial class SessionOpening(ClientWebSocket socket, RequestedSession session, Destination destination, ILogger logger, string requestId)
{
    private const int MaxEvents = 16;

    private readonly CallersView _view = new(session, destination);
    private readonly List<ReadOnlyMemory<byte>> _first = [];
    private JsonElement? _created;

    /// <exception cref="SessionRefusedException">There is no such session to be had.</exception>
    /// <exception cref="OperationCanceledException">The time is up.</exception>
    public async Task<UpstreamSession> RunAsync(CancellationToken cancellation)
    {
        // To cancel a read is to abort the socket, and the inbox takes no token.
        await using var _ = cancellation.Register(socket.Abort);
        var inbox = new Inbox(socket);
        try
        {
            await socket.SendAsync(WriteUpdate(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
            for (var events = 0; events < MaxEvents; events++)
            {
                await inbox.NextMessageAsync();
                if (!await inbox.ReadToEndAsync(UpstreamListener.MaxEvent))
                    break;
                if (HasBegun(inbox.Bytes))
                    return new(socket, _view, _first);
            }
        }
        catch (Exception e) when (e is EndedException || Ending.IsOfConnection(e))
        {
            cancellation.ThrowIfCancellationRequested();
            Log.Ended(logger, destination.Name, e is EndedException ended ? (int)ended.Ending.Code : 0, requestId);
            throw new SessionRefusedException(UpstreamFailure.Reset);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            Log.Unreadable(logger, destination.Name, requestId);
            throw new SessionRefusedException(UpstreamFailure.Unreadable);
        }
        finally
        {
            inbox.Release();
        }

        Log.Unreadable(logger, destination.Name, requestId);
        throw new SessionRefusedException(UpstreamFailure.Unreadable);
    }

    private ReadOnlyMemory<byte> WriteUpdate()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "session.update"u8);
        writer.WritePropertyName("session"u8);
        GaDialect.WriteSession(writer, session, deployment: null);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Takes one event; <c>true</c> when it says that the session holds.</summary>
    private bool HasBegun(ReadOnlyMemory<byte> message)
    {
        using var json = JsonDocument.Parse(message);
        var root = json.RootElement;
        switch (root.GetProperty("type"u8).GetString())
        {
            case "session.created":
                _created = root.Clone();
                return false;
            case "session.updated" when _created is { } created:
                _first.Insert(0, _view.OfSession(created, root.GetProperty("session"u8)));
                return true;
            case "error":
                throw new SessionRefusedException(Judge(root.GetProperty("error"u8)));
            default:
                if (ServerEvents.MayPass(message.Span))
                    _first.Add(message.ToArray());
                return false;
        }
    }

    private UpstreamFailure Judge(JsonElement error)
    {
        var (code, type) = (CallersView.TextOf(error, "code"u8), CallersView.TextOf(error, "type"u8));
        var cause = UpstreamRefusal.CodeOf(code ?? type, destination) ?? "error";
        Log.Refused(logger, destination.Name, session.Profile.Name, cause, UpstreamRefusal.ParamOf(CallersView.TextOf(error, "param"u8), destination), requestId);
        return code is "rate_limit_exceeded" or "insufficient_quota" || type is "rate_limit_error" or "too_many_requests"
            ? new(FailureKind.Throttled, cause, GatewayError.UpstreamRateLimited.RetryAfter(UpstreamRefusal.UnstatedWait))
            : new(FailureKind.Rejected, cause, GatewayError.UpstreamMisconfigured); // the destination may be well for other profiles
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Destination {Destination} does not take a session of profile {Profile}: {Code} {Param}, request {RequestId}")]
        public static partial void Refused(ILogger logger, string destination, string profile, string code, string? param, string requestId);

        [LoggerMessage(2, LogLevel.Warning, "Destination {Destination} ended a new session with {Code}, request {RequestId}")]
        public static partial void Ended(ILogger logger, string destination, int code, string requestId);

        [LoggerMessage(3, LogLevel.Warning, "Destination {Destination} did not confirm a session, request {RequestId}")]
        public static partial void Unreadable(ILogger logger, string destination, string requestId);
    }
}

/// <summary>There is no session to be had at this destination.</summary>
internal sealed class SessionRefusedException(UpstreamFailure failure) : Exception
{
    public UpstreamFailure Failure => failure;
}
