using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// One running session with the simulated model, whatever carries it. Everything that happens goes through one inbox, so that inside
/// nothing runs at the same time as anything else.
/// </summary>
internal sealed class Conversation(
    JsonObject session, Surface surface, Medium medium, IConversationTransport transport, TimeSpan lifetime, TimeProvider time)
{
    private readonly Channel<Func<CancellationToken, ValueTask>> _inbox =
        Channel.CreateUnbounded<Func<CancellationToken, ValueTask>>(new() { SingleReader = true, AllowSynchronousContinuations = true });

    private int _lastId;

    /// <summary>Sends <c>session.created</c> and works until it is cancelled or the session's lifetime is over.</summary>
    public async Task<ConversationEnd> RunAsync(CancellationToken cancellationToken)
    {
        session["expires_at"] = (time.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        await SendAsync("session.created", new() { ["session"] = session.DeepClone() }, cancellationToken);
        using var expiry = time.CreateTimer(_ => _inbox.Writer.TryComplete(), null, lifetime, Timeout.InfiniteTimeSpan);
        try
        {
            await foreach (var step in _inbox.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) await step(cancellationToken);
            return ConversationEnd.Expired;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ConversationEnd.Stopped;
        }
    }

    /// <summary>Takes one client event from the data channel or the socket. Whatever it is, it does not throw.</summary>
    public void Receive(string clientEvent) => _inbox.Writer.TryWrite(cancellationToken => HandleAsync(clientEvent, cancellationToken));

    /// <summary>The user was heard to begin to speak.</summary>
    public void SpeechStarted() => _inbox.Writer.TryWrite(cancellationToken =>
        SendAsync("input_audio_buffer.speech_started", new() { ["audio_start_ms"] = 0, ["item_id"] = NewId("item_") }, cancellationToken));

    /// <summary>The user was heard to end.</summary>
    public void SpeechStopped() => _inbox.Writer.TryWrite(cancellationToken => AnswerAsync("I hear you.", cancellationToken));

    private async ValueTask HandleAsync(string clientEvent, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonNode.Parse(clientEvent)?["type"]?.GetValue<string>() == "response.create") await AnswerAsync("Hello!", cancellationToken);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            await SendAsync("error", new() { ["error"] = new JsonObject { ["message"] = "Not an event." } }, cancellationToken);
        }
    }

    private async ValueTask AnswerAsync(string words, CancellationToken cancellationToken)
    {
        var id = NewId("resp_");
        var prefix = surface == Surface.Ga ? "response.output_audio_transcript" : "response.audio_transcript";
        await SendAsync("response.created", new() { ["response"] = new JsonObject { ["id"] = id, ["status"] = "in_progress" } }, cancellationToken);
        if (medium == Medium.Tracks) await transport.PlayAsync(new byte[48_000], cancellationToken);
        await SendAsync(prefix + ".delta", new() { ["response_id"] = id, ["delta"] = words }, cancellationToken);
        await SendAsync(prefix + ".done", new() { ["response_id"] = id, ["transcript"] = words }, cancellationToken);
        await SendAsync("response.done", new() { ["response"] = new JsonObject { ["id"] = id, ["status"] = "completed" } }, cancellationToken);
    }

    private ValueTask SendAsync(string type, JsonObject body, CancellationToken cancellationToken)
    {
        body.Insert(0, "type", type);
        body.Insert(1, "event_id", NewId("event_"));
        return transport.SendAsync(body.ToJsonString(), cancellationToken);
    }

    private string NewId(string prefix) => $"{prefix}{++_lastId:x8}";
}
