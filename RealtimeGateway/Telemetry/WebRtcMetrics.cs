using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RealtimeGateway.Telemetry;

/// <summary>Instruments of what the gateway cannot see itself, since audio does not pass it: the quality of calls, as pages report it.</summary>
internal sealed class WebRtcMetrics
{
    private readonly Histogram<double> _roundTrip;
    private readonly Histogram<double> _jitter;
    private readonly Histogram<double> _loss;
    private readonly Histogram<double> _bitrate;
    private readonly Histogram<double> _timeToFirstAudio;
    private readonly Counter<long> _connections;

    public WebRtcMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        _roundTrip = Create("round_trip", "s", "Round trip between a page and the service.", 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 2, 5);
        _jitter = Create("jitter", "s", "Jitter of the audio that a page received.", 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.06, 0.1, 0.2, 0.5, 1);
        _loss = Create("loss", "1", "Share of the packets for a page that were lost since its report before.", 0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.08, 0.1, 0.15, 0.3, 1);
        _bitrate = Create("bitrate", "bit/s", "Audio of a page since its report before, by direction as the page sees it.", 1000, 4000, 8000, 16000, 24000, 32000, 48000, 64000, 96000, 128000, 256000, 512000);
        _timeToFirstAudio = Create("time_to_first_audio", "s", "Time from placing a call to the first sound of the model, once for each call.", 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 15, 30);
        _connections = meter.CreateCounter<long>("realtime_gateway.webrtc.connections", "{connection}", "Connections between pages and the service, by outcome, once for each call.");

        Histogram<double> Create(string name, string unit, string description, params double[] buckets) => meter.CreateHistogram(
            $"realtime_gateway.webrtc.{name}", unit, description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
    }

    public void Reported(WebRtcReport report)
    {
        var tags = new TagList { { "profile", report.Profile }, { "way", report.Way } };
        Record(_roundTrip, report[WebRtcReport.RoundTrip], tags);
        Record(_jitter, report[WebRtcReport.Jitter], tags);
        Record(_loss, report[WebRtcReport.Loss], tags);
        Record(_timeToFirstAudio, report[WebRtcReport.TimeToFirstAudio], tags);
        Record(_bitrate, report[WebRtcReport.BitrateReceived], With(tags, "direction", "received"));
        Record(_bitrate, report[WebRtcReport.BitrateSent], With(tags, "direction", "sent"));
        if (report.Outcome is { } outcome)
            _connections.Add(1, With(tags, "outcome", outcome));
    }

    private static void Record(Histogram<double> figure, double? value, in TagList tags)
    {
        if (value is { } known)
            figure.Record(known, tags);
    }

    // A copy: the list is a value.
    private static TagList With(TagList tags, string name, string value)
    {
        tags.Add(name, value);
        return tags;
    }
}
