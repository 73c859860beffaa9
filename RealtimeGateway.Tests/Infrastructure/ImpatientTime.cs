namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A clock whose timers end ten times as soon, and that can be moved on: what the service asks to be waited for is over when the next fault begins.</summary>
internal sealed class ImpatientTime : TimeProvider
{
    private const int Haste = 10;

    private TimeSpan _shift;

    public void Advance(TimeSpan by) => _shift += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(_shift.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Hasten(dueTime), Hasten(period));

    private static TimeSpan Hasten(TimeSpan time) => time > TimeSpan.Zero ? time / Haste : time;
}
