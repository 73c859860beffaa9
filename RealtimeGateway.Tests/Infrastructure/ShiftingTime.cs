namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>The system's clock, which a test may put forward.</summary>
internal sealed class ShiftingTime : TimeProvider
{
    private TimeSpan _shift;

    public void Advance(TimeSpan by) => _shift += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(_shift.TotalSeconds * TimestampFrequency);
}
