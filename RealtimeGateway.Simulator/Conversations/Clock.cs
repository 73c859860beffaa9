namespace RealtimeGateway.Simulator.Conversations;

/// <summary>The time of one conversation. What comes due is put into its inbox, like everything else that happens.</summary>
internal sealed class Clock(TimeProvider time, Action<Action> post)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Since the conversation began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Since the conversation began, as the events count.</summary>
    public long Milliseconds => (long)Elapsed.TotalMilliseconds;

    /// <summary>Does something later; disposing what is returned prevents it for sure.</summary>
    public IDisposable After(TimeSpan delay, Action action)
    {
        var appointment = new Appointment(action);
        appointment.Timer = time.CreateTimer(_ => post(appointment.Keep), null, delay, Timeout.InfiniteTimeSpan);
        return appointment;
    }

    /// <summary>Runs steps, each of which says how long to wait before the next.</summary>
    public IDisposable Run(IEnumerable<TimeSpan> steps)
    {
        var routine = new Routine(this, steps.GetEnumerator());
        routine.Continue();
        return routine;
    }

    private sealed class Appointment(Action action) : IDisposable
    {
        private bool _isOff;

        public ITimer? Timer { get; set; }

        // A timer may have fired already, with this waiting in the inbox.
        public void Keep()
        {
            if (_isOff) return;
            Dispose();
            action();
        }

        public void Dispose()
        {
            _isOff = true;
            Timer?.Dispose();
        }
    }

    private sealed class Routine(Clock clock, IEnumerator<TimeSpan> steps) : IDisposable
    {
        private IDisposable? _next;
        private bool _isOff;

        public void Continue()
        {
            if (!_isOff && steps.MoveNext()) _next = clock.After(steps.Current, Continue);
        }

        public void Dispose()
        {
            _isOff = true;
            _next?.Dispose();
        }
    }
}
