using System.Text.Json.Nodes;
using System.Threading.Channels;
using RealtimeGateway.Simulator.Validation;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// One running session with the simulated model, whatever carries it and however many take part. Everything that happens goes through one inbox, so that inside
/// nothing runs at the same time as anything else, and nothing needs a lock.
/// </summary>
internal sealed class Conversation
{
    // A step that arrives while the conversation is idle is done at once, by whoever brings it.
    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new() { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly Surface _surface;
    private readonly ClientEventRules _rules;
    private readonly TimeSpan _lifetime;
    private readonly Outbox _outbox;
    private readonly Clock _clock;
    private readonly History _history;
    private readonly Playback? _playback;
    private readonly Responses _responses;
    private readonly UserSpeech _speech;
    private SessionSettings _session;
    private ConversationEnd? _end;

    public Conversation(SimulatedModel model, JsonObject session, Surface surface, Medium medium)
    {
        (_surface, _rules, _lifetime) = (surface, model.RulesOf(surface), model.Lifetime);
        _session = new SessionSettings(surface == Surface.Ga ? session : PreviewSession.ToGa(session))
            .With(new() { ["expires_at"] = (model.Time.GetUtcNow() + model.Lifetime).ToUnixTimeSeconds() });
        _outbox = new(surface);
        _clock = new(model.Time, Post);
        _history = new(_outbox);
        _playback = medium == Medium.Tracks ? new(_clock, _outbox, _history) : null;
        _responses = new(_clock, _outbox, _history, _playback) { Begun = () => _speech!.HearModelBegin(), Spoken = left => _speech!.HearModelEnd(left) };
        _speech = new(medium, _clock, _outbox, _history, _responses, new(model.Utterances), () => _session);
    }

    /// <summary>Works until it is cancelled or the session's lifetime is over. What a transport throws comes out here.</summary>
    public async Task<ConversationEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var expiry = _clock.After(_lifetime, Expire);
        try
        {
            await WorkAsync(cancellationToken).ConfigureAwait(false);
            return _end!.Value;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ConversationEnd.Stopped;
        }
        finally
        {
            _inbox.Writer.TryComplete();
            _responses.Stop();
        }
    }

    /// <summary>Lets somebody take part: <c>session.created</c> is the first that it gets, and everything that happens from then on.</summary>
    public void Join(IConversationTransport transport) => Post(() =>
    {
        _outbox.Join(transport);
        _outbox.Emit("session.created", new() { ["session"] = _session.Json }, transport);
    });

    /// <summary>Sends nothing more there; the conversation goes on.</summary>
    public void Leave(IConversationTransport transport) => Post(() => _outbox.Leave(transport));

    /// <summary>
    /// Takes one client event from the data channel or a socket. Whatever it is, it does not throw; what is wrong with it is told to nobody but its sender.
    /// </summary>
    public void Receive(string clientEvent, IConversationTransport from) => Post(() => Handle(ClientEvent.Parse(clientEvent, _rules, _surface), from));

    /// <summary>Takes what the microphone of the media peer hears, PCM16 mono little-endian at 24 kHz.</summary>
    public void Hear(ReadOnlySpan<byte> pcm)
    {
        var samples = AudioFormat.Pcm.Decode(pcm);
        Post(() => _speech.Hear(samples));
    }

    private void Post(Action step) => _inbox.Writer.TryWrite(step);

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (_end is null)
        {
            var step = await _inbox.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            step();
            await _outbox.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Handle(ClientEvent received, IConversationTransport from)
    {
        if ((received.Violation ?? Obey(received.Type, received.Body)) is { } violation) TellError(violation, received.EventId, from);
    }

    private Violation? Obey(string type, JsonObject body)
    {
        switch (type)
        {
            case "session.update": return Update(body["session"]!.AsObject());
            case "conversation.item.create": return _history.Create(body["item"]!.AsObject(), Text(body, "previous_item_id"));
            case "conversation.item.retrieve": return _history.Retrieve(Text(body, "item_id")!);
            case "conversation.item.delete": return _history.Delete(Text(body, "item_id")!);
            case "conversation.item.truncate":
                return _history.Truncate(Text(body, "item_id")!, body["content_index"]!.GetValue<int>(), body["audio_end_ms"]!.GetValue<int>());
            case "input_audio_buffer.append": return _speech.Append(Text(body, "audio")!);
            case "input_audio_buffer.commit": return _speech.Commit();
            case "input_audio_buffer.clear": _speech.Clear(); return null;
            case "output_audio_buffer.clear": return ClearOutput();
            case "response.create": return _responses.Create(_session, body["response"] as JsonObject ?? []);
            default: return _responses.Cancel(Text(body, "response_id"), "client_cancelled");
        }
    }

    private Violation? Update(JsonObject change)
    {
        if (Text(change, "model") is { } model && model != _session.Model)
            return Violation.Of("invalid_value", "The model of a session cannot be changed.", "session.model");
        if (_responses.HasSpoken && _session.ChangesVoice(change))
            return Responses.VoiceIsFixed(_surface == Surface.Ga ? "session.audio.output.voice" : "session.voice");
        _session = _session.With(change);
        _outbox.Emit("session.updated", new() { ["session"] = _session.Json });
        return null;
    }

    private Violation? ClearOutput()
    {
        if (_playback is null) return Violation.Of("invalid_event", "output_audio_buffer.clear is for WebRTC and SIP sessions only.");
        _playback.Clear();
        return null;
    }

    private void Expire()
    {
        TellError(Violation.Of("session_expired", $"Your session hit the maximum duration of {_lifetime.TotalMinutes:0.##} minutes."), null, to: null);
        _end = ConversationEnd.Expired;
    }

    private void TellError(Violation violation, string? eventId, IConversationTransport? to) => _outbox.Emit("error", new()
    {
        ["error"] = new JsonObject
        {
            ["type"] = "invalid_request_error",
            ["code"] = violation.Code,
            ["message"] = violation.Message,
            ["param"] = violation.Param,
            ["event_id"] = eventId,
        },
    }, to);

    private static string? Text(JsonObject body, string name) => body[name]?.GetValue<string>();
}
