namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// <c>turn_detection.idle_timeout_ms</c>: how long the user may be silent after the model was heard to its end. The first wait is for that end: the time of
/// <c>response.done</c> plus what is still to be played.
/// </summary>
internal sealed class IdleTimeout(Clock clock, Func<TurnDetection?> detection, Func<long> now, Action<long> runOut)
{
    private IDisposable? _waiting;

    public void Begin(TimeSpan untilHeard)
    {
        Stop();
        if (detection()?.IdleMs is { } limit) _waiting = clock.Run(Wait(untilHeard, TimeSpan.FromMilliseconds(limit)));
    }

    public void Stop() => _waiting?.Dispose();

    private IEnumerable<TimeSpan> Wait(TimeSpan untilHeard, TimeSpan limit)
    {
        yield return untilHeard;
        var from = now();
        yield return limit;
        // An update may have switched it off in the meantime.
        if (detection()?.IdleMs is not null) runOut(from);
    }
}
