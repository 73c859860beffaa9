using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Validation;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// The input audio buffer and the user's turns in it. In the events sound has its own time, the amount of it; beside them it flows all
/// the time and the clock counts.
/// </summary>
internal sealed class UserSpeech
{
    private const int ShortestCommitMs = 100;
    private static readonly TimeSpan WordTime = TimeSpan.FromMilliseconds(25);

    private readonly Medium _medium;
    private readonly Clock _clock;
    private readonly Outbox _outbox;
    private readonly History _history;
    private readonly Responses _responses;
    private readonly Hearing _hearing;
    private readonly Func<SessionSettings> _session;
    private readonly VoiceActivity _activity;
    private readonly IdleTimeout _idle;
    private double _receivedMs;
    private long _bufferFrom;
    private string? _speaking;

    public UserSpeech(
        Medium medium, Clock clock, Outbox outbox, History history, Responses responses, Hearing hearing, Func<SessionSettings> session)
    {
        (_medium, _clock, _outbox, _history) = (medium, clock, outbox, history);
        (_responses, _hearing, _session) = (responses, hearing, session);
        _idle = new(clock, () => session().TurnDetection, () => Now, RunOut);
        _activity = new()
        {
            Started = atMs => Start(_medium == Medium.Events ? atMs : Now),
            Stopped = atMs => Stop(_medium == Medium.Events ? atMs : Now),
        };
    }

    private long Now => _medium == Medium.Events ? (long)_receivedMs : _clock.Milliseconds;

    public Violation? Append(string audio)
    {
        if (_medium == Medium.Tracks)
            return Violation.Of("invalid_event", "On a WebRTC session sound arrives by the media track, not by input_audio_buffer.append.");
        var bytes = new byte[audio.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64String(audio, bytes, out var length))
            return Violation.Of("invalid_value", "Invalid 'audio'. Expected base64-encoded audio bytes.", "audio");
        var session = _session();
        _receivedMs += length * 1000.0 / session.InputFormat.BytesPerSecond;
        Hear(session.InputFormat.Decode(bytes.AsSpan(0, length)));
        return null;
    }

    /// <summary>The media peer's microphone track, PCM16 mono at 24 kHz.</summary>
    public void Hear(ReadOnlySpan<short> samples)
    {
        if (_session().TurnDetection is { } detection) _activity.Hear(samples, detection);
        else _activity.Pass(samples.Length);
    }

    public Violation? Commit()
    {
        var length = Now - _bufferFrom;
        if (length < ShortestCommitMs)
        {
            return Violation.Of("input_audio_buffer_commit_empty",
                $"Error committing input audio buffer: buffer too small. Expected at least {ShortestCommitMs}ms of audio, but buffer only has {length}.00ms of audio.");
        }

        _idle.Stop();
        End(_bufferFrom, _speaking ?? Ids.Item(), _hearing.Next());
        return null;
    }

    public void Clear()
    {
        Forget();
        _outbox.Emit("input_audio_buffer.cleared", []);
    }

    public void HearModelBegin() => _idle.Stop();

    /// <param name="left">How long the model is still heard.</param>
    public void HearModelEnd(TimeSpan left)
    {
        if (_speaking is null) _idle.Begin(left);
    }

    private void Start(long atMs)
    {
        if (_session().TurnDetection is not { } detection) return;
        _idle.Stop();
        _speaking = Ids.Item();
        _bufferFrom = Math.Max(_bufferFrom, atMs - detection.PrefixMs);
        _outbox.Emit("input_audio_buffer.speech_started", new() { ["audio_start_ms"] = _bufferFrom, ["item_id"] = _speaking });
        if (detection.Interrupts) _responses.Interrupt();
    }

    private void Stop(long atMs)
    {
        var (id, session) = (_speaking!, _session());
        _outbox.Emit("input_audio_buffer.speech_stopped", new() { ["audio_end_ms"] = atMs, ["item_id"] = id });
        End(_bufferFrom, id, _hearing.Next());
        if (session.TurnDetection is { CreatesResponse: true }) _responses.Answer(session);
    }

    /// <summary>Silence is committed like speech, and the model answers it.</summary>
    private void RunOut(long fromMs)
    {
        var (id, session) = (Ids.Item(), _session());
        _outbox.Emit("input_audio_buffer.timeout_triggered", new() { ["audio_start_ms"] = fromMs, ["audio_end_ms"] = Now, ["item_id"] = id });
        End(fromMs, id, words: "");
        if (session.TurnDetection is { CreatesResponse: true }) _responses.Answer(session);
    }

    private void End(long fromMs, string id, string words)
    {
        var item = Item.Heard(id, TimeSpan.FromMilliseconds(Now - fromMs), words);
        Forget();
        _outbox.Emit("input_audio_buffer.committed", new() { ["previous_item_id"] = _history.LastId, ["item_id"] = id });
        _history.Add(item);
        if (_session().Transcribes && words.Length > 0) _clock.Run(Transcribe(item));
    }

    // Another model does it, beside the conversation; the answer does not wait for it.
    private IEnumerable<TimeSpan> Transcribe(Item item)
    {
        var words = item.Words.Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            yield return WordTime;
            Tell("delta", item, new() { ["delta"] = i == 0 ? words[i] : " " + words[i] });
        }

        item.Transcribe();
        var (heard, written) = (Tokens.OfHeard(item.Sound), Tokens.OfText(item.Words));
        Tell("completed", item, new()
        {
            ["transcript"] = item.Words,
            ["usage"] = new JsonObject
            {
                ["type"] = "tokens",
                ["total_tokens"] = heard.Total + written.Total,
                ["input_tokens"] = heard.Total,
                ["input_token_details"] = new JsonObject { ["text_tokens"] = heard.Text, ["audio_tokens"] = heard.Audio },
                ["output_tokens"] = written.Total,
            },
        });
    }

    private void Tell(string what, Item item, JsonObject body)
    {
        body.Insert(0, "item_id", item.Id);
        body.Insert(1, "content_index", 0);
        _outbox.Emit("conversation.item.input_audio_transcription." + what, body);
    }

    private void Forget()
    {
        _speaking = null;
        _bufferFrom = Now;
        _activity.Forget();
    }
}
