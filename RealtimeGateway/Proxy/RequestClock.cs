namespace RealtimeGateway.Proxy;

/// <summary>
/// The time that a proxied request has: its route's budget as a whole, and a shorter limit for one attempt while there are others to make. It
/// stands in for the request's own token, which YARP listens to.
/// </summary>
internal sealed class RequestClock : IDisposable
{
    private readonly HttpContext _context;
    private readonly CancellationToken _caller;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan? _budget;
    private CancellationTokenSource? _source;
    private TimeSpan? _allowed;
    private bool _isOfAttempt;
    private bool _isShortened;

    public RequestClock(HttpContext context, TimeSpan? budget, TimeProvider time)
    {
        (_context, _caller, _time, _start, _budget) = (context, context.RequestAborted, time, time.GetTimestamp(), budget);
        Allow(budget);
    }

    public bool CallerLeft => _caller.IsCancellationRequested;

    /// <summary>Whether the attempt's or the request's time is up.</summary>
    public bool HasRunOut => _source is { IsCancellationRequested: true } && !CallerLeft;

    // A timer may be a moment ahead of the clock: when it was the budget that ran out, nothing is left whatever the clock says.
    public bool HasTimeLeft => (_isShortened || !HasRunOut) && (Remaining is null || Remaining > TimeSpan.Zero);

    private TimeSpan? Remaining => _budget - _time.GetElapsedTime(_start);

    /// <summary>Another attempt begins; without a limit of its own it has all that is left.</summary>
    public void BeginAttempt(TimeSpan? limit)
    {
        _allowed = Least(limit, Remaining);
        _isShortened = _allowed == limit && limit is not null;
        // What is left of the last attempt's time must not end this one; the budget of the first one is running already.
        if (_isShortened || _isOfAttempt)
            Allow(_allowed, isNew: _isOfAttempt);
        _isOfAttempt = true;
    }

    /// <summary>Whether the attempt had at least half of the time that one usually has. What does not answer in less may be well.</summary>
    public bool WasFair(TimeSpan? usual) => _allowed is not { } allowed || Least(usual, _budget) is not { } due || allowed >= due / 2;

    /// <summary>The destination has answered: from here on only the budget counts, and a stream on a route without one takes as long as it takes.</summary>
    public void EndAttempt()
    {
        if (_isShortened)
            Allow(Remaining);
        _isShortened = false;
    }

    public void Dispose()
    {
        _context.RequestAborted = _caller;
        _source?.Dispose();
    }

    private static TimeSpan? Least(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private void Allow(TimeSpan? limit, bool isNew = false)
    {
        if (limit is null && _source is null)
            return;
        if (isNew || _source is null or { IsCancellationRequested: true })
        {
            _source?.Dispose();
            _source = CancellationTokenSource.CreateLinkedTokenSource(_caller);
            _context.RequestAborted = _source.Token;
        }

        var left = limit ?? Timeout.InfiniteTimeSpan;
        _source.CancelAfter(limit < TimeSpan.Zero ? TimeSpan.Zero : left);
    }
}
