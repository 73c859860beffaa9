using System.Diagnostics.Metrics;

namespace RealtimeGateway.Telemetry;

/// <summary>Instruments of what outlives its request: calls that the gateway has begun for somebody, and sockets that it relays.</summary>
internal sealed class CallMetrics
{
    public const string Relay = "relay";
    public const string Socket = "socket";

    private readonly UpDownCounter<long> _active;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _hangUps;

    public CallMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        _active = meter.CreateUpDownCounter<long>("realtime_gateway.calls.active", "{call}", "Calls begun here that are not known to have ended, and open sockets, by way and profile.");
        _duration = meter.CreateHistogram<double>(
            "realtime_gateway.call.duration", "s", "Time from the beginning of a call or socket to its end, as far as the gateway learns of it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600] });
        _ended = meter.CreateCounter<long>("realtime_gateway.calls.ended", "{call}", "Calls and sockets that have ended, by way, profile and reason.");
        _hangUps = meter.CreateCounter<long>("realtime_gateway.calls.hangups", "{call}", "Calls to be ended at the service, by destination, cause and outcome.");
    }

    public void Began(string way, string profile) => _active.Add(1, new("way", way), new("profile", profile));

    /// <summary>Something that began here is over, or is known here to be over.</summary>
    public void Left(string way, string profile) => _active.Add(-1, new("way", way), new("profile", profile));

    /// <param name="reason">From a closed list.</param>
    public void Ended(string way, string profile, string reason, TimeSpan duration)
    {
        _duration.Record(Math.Max(0, duration.TotalSeconds), new("way", way), new("profile", profile));
        _ended.Add(1, new("way", way), new("profile", profile), new("reason", reason));
    }

    /// <summary>A call was to be ended at the service.</summary>
    /// <param name="cause">Why: <c>caller</c> asked for it, or the answer was <c>undelivered</c>.</param>
    public void HungUp(string destination, string cause, string outcome) =>
        _hangUps.Add(1, new("destination", destination), new("cause", cause), new("outcome", outcome));
}
