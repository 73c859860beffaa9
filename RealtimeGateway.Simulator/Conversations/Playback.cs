using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// The output audio buffer of a WebRTC session: what the user hears, later than the model makes it. Speech that waits behind other speech
/// starts when that ends.
/// </summary>
internal sealed class Playback(Clock clock, Outbox outbox, History history)
{
    private readonly Queue<Piece> _waiting = new();
    private Piece? _playing;
    private TimeSpan _startedAt;
    private IDisposable? _end;

    /// <summary>How long it takes until everything is heard.</summary>
    public TimeSpan Remaining => _playing is null
        ? TimeSpan.Zero
        : _waiting.Aggregate(_playing.Length - (clock.Elapsed - _startedAt), (sum, piece) => sum + piece.Length);

    public void Begin(string responseId, Item item, IReadOnlyList<SpokenWord> words)
    {
        short[] samples = [.. words.SelectMany(word => word.Samples.ToArray())];
        if (samples.Length == 0) return;
        _waiting.Enqueue(new(responseId, item, samples));
        if (_playing is null) StartNext();
    }

    /// <summary>The model stopped before the end of an item; what it made of it is still played.</summary>
    public void EndAfter(Item item, TimeSpan made)
    {
        var piece = _playing?.Item == item ? _playing : _waiting.FirstOrDefault(piece => piece.Item == item);
        if (piece is null || made >= piece.Length) return;
        piece.CutTo(made);
        if (piece != _playing) return;
        _end!.Dispose();
        _end = clock.After(Later(made - (clock.Elapsed - _startedAt)), EndCut);
    }

    /// <summary>Nothing is heard any more; items keep what was heard of them.</summary>
    public void Clear()
    {
        if (_playing is not { } playing) return;
        _end!.Dispose();
        outbox.Silence();
        Tell("cleared", playing);
        Truncate(playing, clock.Elapsed - _startedAt);
        foreach (var piece in _waiting) Truncate(piece, TimeSpan.Zero);
        _waiting.Clear();
        _playing = null;
    }

    private void Truncate(Piece piece, TimeSpan heard)
    {
        if (heard < piece.Length && history.Find(piece.Item.Id) is not null) history.Truncate(piece.Item, heard);
    }

    private void StartNext()
    {
        if (!_waiting.TryDequeue(out _playing)) return;
        _startedAt = clock.Elapsed;
        outbox.Play(AudioFormat.Pcm.Encode(_playing.Samples.Span));
        Tell("started", _playing);
        _end = clock.After(_playing.Length, End);
    }

    private void EndCut()
    {
        outbox.Silence();
        End();
    }

    private void End()
    {
        Tell("stopped", _playing!);
        StartNext();
    }

    private void Tell(string what, Piece piece) =>
        outbox.Emit("output_audio_buffer." + what, new JsonObject { ["response_id"] = piece.ResponseId });

    private static TimeSpan Later(TimeSpan delay) => delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    private sealed class Piece(string responseId, Item item, ReadOnlyMemory<short> samples)
    {
        public string ResponseId => responseId;

        public Item Item => item;

        public ReadOnlyMemory<short> Samples { get; private set; } = samples;

        public TimeSpan Length => TimeSpan.FromSeconds((double)Samples.Length / AudioFormat.Rate);

        public void CutTo(TimeSpan length) => Samples = Samples[..(int)(length.TotalSeconds * AudioFormat.Rate)];
    }
}
