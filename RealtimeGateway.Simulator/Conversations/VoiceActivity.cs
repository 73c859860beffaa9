using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>Finds speech in sound by its level. What is shorter than a syllable or two, such as a click or a beep, is no speech.</summary>
internal sealed class VoiceActivity
{
    private const int FrameMs = 20;
    private const int FrameSamples = AudioFormat.Rate * FrameMs / 1000;
    private const int ShortestSpeechMs = 200;

    // Between syllables; a longer gap before speech is certain starts it anew.
    private const int GapMs = 80;

    // Root mean square for a threshold of 1; the default threshold of 0.5 is then about -36 dB of full scale.
    private const double LoudestThreshold = 0.03 * short.MaxValue;

    private readonly short[] _frame = new short[FrameSamples];
    private int _filled;
    private long _position;
    private long _loudFrom;
    private long _loudUntil = long.MinValue;
    private bool _isSpeech;

    /// <summary>Called with the time at which the speech began, in ms of all sound heard so far.</summary>
    public required Action<long> Started { get; init; }

    /// <summary>Called with the time at which the pause behind the speech was long enough.</summary>
    public required Action<long> Stopped { get; init; }

    public void Hear(ReadOnlySpan<short> samples, TurnDetection detection)
    {
        while (samples.Length > 0)
        {
            var taken = Math.Min(samples.Length, FrameSamples - _filled);
            samples[..taken].CopyTo(_frame.AsSpan(_filled));
            _filled += taken;
            samples = samples[taken..];
            if (_filled == FrameSamples) EndFrame(detection);
        }
    }

    /// <summary>The turn was ended otherwise; speech that goes on is a new one.</summary>
    public void Forget() => (_isSpeech, _loudUntil) = (false, long.MinValue);

    /// <summary>Sound that is heard while nobody looks for speech in it.</summary>
    public void Pass(int samples)
    {
        Forget();
        _position += (_filled + samples) / FrameSamples * FrameMs;
        _filled = (_filled + samples) % FrameSamples;
    }

    private void EndFrame(TurnDetection detection)
    {
        _filled = 0;
        _position += FrameMs;
        if (IsLoud(detection.Threshold)) HearLoud();
        if (!_isSpeech || _position - _loudUntil < detection.SilenceMs) return;
        Forget();
        Stopped(_position);
    }

    private void HearLoud()
    {
        if (!_isSpeech && (_loudUntil == long.MinValue || _position - FrameMs - _loudUntil > GapMs)) _loudFrom = _position - FrameMs;
        _loudUntil = _position;
        if (_isSpeech || _position - _loudFrom < ShortestSpeechMs) return;
        _isSpeech = true;
        Started(_loudFrom);
    }

    private bool IsLoud(double threshold)
    {
        var energy = 0.0;
        foreach (var sample in _frame) energy += (double)sample * sample;
        return Math.Sqrt(energy / FrameSamples) > threshold * LoudestThreshold;
    }
}
