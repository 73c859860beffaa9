using RealtimeGateway.Credentials;

namespace RealtimeGateway.Proxy;

/// <summary>How a destination stands for the next request.</summary>
internal enum Standing
{
    Ready,

    /// <summary>It was out for a while; one request may find out whether it is well again.</summary>
    ProbeDue,

    /// <summary>Out, or being probed by another request: only for a request that has nowhere else to go.</summary>
    Impaired,

    /// <summary>It has said when it wants to be asked again. No request goes there before.</summary>
    Quiet,
}

/// <param name="State"><c>healthy</c>, <c>throttled</c>, <c>failing</c>, <c>misconfigured</c>, or <c>probing</c> once it may be tried again.</param>
/// <param name="Cause">An identifier of Azure's or of ours; <c>null</c> while healthy.</param>
/// <param name="Until">When it is asked again.</param>
internal sealed record DestinationReport(string Cluster, string Name, string State, string? Cause, DateTimeOffset? Until);

/// <summary>
/// What the attempts at one destination have taught. It listens only: a stated wait keeps every request away, a row of failures or a fault of our own
/// opens a circuit, and after its break one request at a time probes. Kept over reloads, as long as address and deployment are the same.
/// </summary>
internal sealed class DestinationHealth(TimeProvider time)
{
    public static readonly string[] States = ["healthy", "throttled", "failing", "misconfigured", "probing"];

    private static readonly TimeSpan MisconfiguredBreak = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromMinutes(1);

    // Waits are counted on a clock that nobody can set, in time since this one.
    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();
    private long _quietUntil; // ticks
    private int _failures;
    private int _breaks;
    private bool _isProbed;
    private bool _hasHeard;
    private Outage? _outage;

    private sealed record Outage(string State, string Cause, TimeSpan Until, ICredential? Credential);

    /// <summary>Whether there has been an attempt.</summary>
    public bool HasHeard => Volatile.Read(ref _hasHeard);

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <param name="credential">What the destination would be shown. An outage that another credential has caused is over.</param>
    public Standing Stand(ICredential? credential)
    {
        if (Volatile.Read(ref _quietUntil) is var quiet and not 0 && quiet > Now.Ticks)
            return Standing.Quiet;
        return Volatile.Read(ref _outage) is not { } outage || !IsOut(credential) ? Standing.Ready
            : outage.Until <= Now && !Volatile.Read(ref _isProbed) ? Standing.ProbeDue
            : Standing.Impaired;
    }

    /// <summary>How long the destination wants to be left alone yet; zero when it does not.</summary>
    public TimeSpan QuietFor() => TimeSpan.FromTicks(Math.Max(0, Volatile.Read(ref _quietUntil) - Now.Ticks));

    /// <summary>Whether it could have been probed for long, and nobody did.</summary>
    public bool IsProbeOverdue => Volatile.Read(ref _outage) is { } outage && outage.Until + LongestBreak <= Now;

    /// <summary>Whether this request is the one that probes; it must report or <see cref="EndProbe"/>.</summary>
    public bool TryBeginProbe() => !Interlocked.Exchange(ref _isProbed, value: true);

    public void EndProbe() => Volatile.Write(ref _isProbed, value: false);

    /// <summary>An attempt went well. <c>true</c> when the destination had been out.</summary>
    public bool Succeeded()
    {
        Volatile.Write(ref _hasHeard, value: true);
        if (Volatile.Read(ref _failures) == 0 && Volatile.Read(ref _outage) is null)
            return false;
        lock (_lock)
        {
            var wasOut = _outage is not null;
            (_failures, _breaks) = (0, 0);
            Volatile.Write(ref _outage, null);
            return wasOut;
        }
    }

    /// <summary>An attempt failed. Until when the destination is out because of it; <c>null</c> when it takes nothing out that was not out already.</summary>
    public DateTimeOffset? Failed(UpstreamFailure failure, ICredential? credential, CircuitRules circuit)
    {
        Volatile.Write(ref _hasHeard, value: true);
        lock (_lock)
        {
            if (failure is { Kind: FailureKind.Throttled, StatedWait: { } wait })
                return BeQuiet(wait);
            // Requests that were on their way when it went out do not lengthen the break; only a probe that fails does.
            if (IsOut(credential) && _outage!.Until > Now)
                return null;
            return failure.Kind switch
            {
                FailureKind.Throttled => TakeOut("throttled", failure.Cause, UpstreamRefusal.UnstatedWait),
                FailureKind.Misconfigured or FailureKind.Unauthorized => TakeOut("misconfigured", failure.Cause, MisconfiguredBreak, credential),
                FailureKind.Unavailable when ++_failures >= circuit.Failures || IsOut(credential) => TakeOut("failing", failure.Cause, NextBreak(circuit.Break)),
                _ => null,
            };
        }
    }

    public DestinationReport Report(Destination destination)
    {
        lock (_lock)
        {
            return QuietFor() > TimeSpan.Zero
                ? new(destination.Cluster, destination.Name, "throttled", "429", AtClock(TimeSpan.FromTicks(_quietUntil)))
                : _outage is not { } outage || Stand(destination.Credential) is Standing.Ready
                    ? new(destination.Cluster, destination.Name, "healthy", Cause: null, Until: null)
                    : new(destination.Cluster, destination.Name, outage.Until <= Now ? "probing" : outage.State, outage.Cause, AtClock(outage.Until));
        }
    }

    private bool IsOut(ICredential? credential) =>
        Volatile.Read(ref _outage) is { } outage && (outage.Credential is null || outage.Credential == credential);

    // A later word of an earlier request must not shorten the wait.
    private DateTimeOffset? BeQuiet(TimeSpan wait)
    {
        var until = Now + wait;
        if (until.Ticks <= _quietUntil)
            return null;
        Volatile.Write(ref _quietUntil, until.Ticks);
        return AtClock(until);
    }

    private DateTimeOffset TakeOut(string state, string cause, TimeSpan wait, ICredential? credential = null)
    {
        var until = Now + wait;
        Volatile.Write(ref _outage, new(state, cause, until, credential));
        return AtClock(until);
    }

    private DateTimeOffset AtClock(TimeSpan moment) => time.GetUtcNow() + (moment - Now);

    private TimeSpan NextBreak(TimeSpan first)
    {
        var next = first * Math.Pow(2, Math.Min(_breaks++, 10));
        return next > LongestBreak ? TimeSpan.FromTicks(Math.Max(first.Ticks, LongestBreak.Ticks)) : next;
    }
}

/// <summary>When a cluster takes a destination out, by its metadata <c>CircuitFailures</c> and <c>CircuitBreak</c>.</summary>
/// <param name="Failures">Failures in a row that open the circuit.</param>
/// <param name="Break">How long it stays open at first; each probe that fails doubles it, up to a minute.</param>
internal sealed record CircuitRules(int Failures, TimeSpan Break);
