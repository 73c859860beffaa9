using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace RealtimeGateway.Telemetry;

/// <summary>YARP's own figures. It has event counters and no meter, so they are read once a second and shown as instruments.</summary>
internal sealed class YarpMetrics : EventListener
{
    private const string SourceName = "Yarp.ReverseProxy";

    // The base class hears of sources before this constructor has run.
    private static readonly ConcurrentDictionary<string, double> Last = new(StringComparer.Ordinal);

    public YarpMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(GatewayMetrics.MeterName);
        meter.CreateObservableCounter("yarp.forwarder.requests.started", () => LastOf("requests-started"), "{request}", "Requests that YARP began to forward.");
        meter.CreateObservableCounter("yarp.forwarder.requests.failed", () => LastOf("requests-failed"), "{request}", "Requests that YARP could not forward, or not to the end.");
        meter.CreateObservableGauge("yarp.forwarder.requests.current", () => LastOf("current-requests"), "{request}", "Requests that YARP is forwarding now.");
    }

    // The level lets counters through and nothing else: an event for each request would cost something.
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name is SourceName)
            EnableEvents(eventSource, EventLevel.Critical, EventKeywords.None, new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "1" });
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name is SourceName && eventData is { EventName: "EventCounters", Payload: [IDictionary<string, object> counter] }
            && counter["Name"] is string name && counter.TryGetValue("Mean", out var value) && value is double mean)
            Last[name] = mean;
    }

    private static long LastOf(string counter) => (long)Last.GetValueOrDefault(counter);
}
