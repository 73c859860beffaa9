namespace RealtimeGateway.Tests.Hell;

/// <summary>The system's clock, ten times as fast: what the gateway waits ten seconds for takes one.</summary>
internal sealed class HastyTime : TimeProvider
{
    private const int Haste = 10;

    private readonly DateTimeOffset _began = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _began + ((System.GetUtcNow() - _began) * Haste);

    public override long GetTimestamp() => System.GetTimestamp() * Haste;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Less(dueTime), Less(period));

    private static TimeSpan Less(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, time.Ticks / Haste));
}
