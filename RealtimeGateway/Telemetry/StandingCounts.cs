using System.Collections.Frozen;
using System.Diagnostics.Metrics;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// The framework's instruments that go up and down within every request. They are counted as plain numbers here and read when somebody scrapes, under their own names and
/// without the labels that name a host; OpenTelemetry would look up a series for each step, eight times in a request.
/// </summary>
internal sealed class StandingCounts : IDisposable
{
    // With the labels that are kept.
    private static readonly FrozenDictionary<string, string[]> Kept = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["http.server.active_requests"] = ["http.request.method", "url.scheme"],
        ["http.client.active_requests"] = ["http.request.method"],
        ["http.client.open_connections"] = ["http.connection.state", "network.protocol.version"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Dictionary<string, Counts> _counts = new(StringComparer.Ordinal);
    private readonly IMeterFactory _meters;
    private readonly MeterListener _listener;

    public StandingCounts(IMeterFactory meters)
    {
        _meters = meters;
        _listener = new() { InstrumentPublished = Take };
        _listener.SetMeasurementEventCallback<long>(static (_, step, labels, counts) => ((Counts)counts!).Add(step, labels));
        _listener.Start();
    }

    /// <summary>Whether it is one of them, as the framework has made it.</summary>
    public static bool Keeps(Instrument instrument) => instrument is UpDownCounter<long> && Kept.ContainsKey(instrument.Name);

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, MeterListener listener)
    {
        if (!Keeps(instrument) || (instrument.Meter.Scope is { } scope && scope != _meters))
            return;
        if (!_counts.TryGetValue(instrument.Name, out var counts))
        {
            _counts[instrument.Name] = counts = new(Kept[instrument.Name]);
            _meters.Create(instrument.Meter.Name).CreateObservableUpDownCounter(instrument.Name, counts.Read, instrument.Unit, instrument.Description);
        }

        listener.EnableMeasurementEvents(instrument, counts);
    }

    /// <summary>One number for each combination of labels that has come.</summary>
    private sealed class Counts(string[] labels)
    {
        private readonly Lock _adding = new();
        private Count[] _all = [];

        public void Add(long step, ReadOnlySpan<KeyValuePair<string, object?>> measured) => Interlocked.Add(ref CountOf(measured).Value, step);

        public IEnumerable<Measurement<long>> Read() => Volatile.Read(ref _all).Select(static count => new Measurement<long>(Volatile.Read(ref count.Value), count.Labels));

        private Count CountOf(ReadOnlySpan<KeyValuePair<string, object?>> measured) => Find(measured) ?? Create(measured);

        private Count? Find(ReadOnlySpan<KeyValuePair<string, object?>> measured)
        {
            foreach (var count in Volatile.Read(ref _all))
            {
                if (count.Is(measured))
                    return count;
            }

            return null;
        }

        private Count Create(ReadOnlySpan<KeyValuePair<string, object?>> measured)
        {
            lock (_adding)
            {
                if (Find(measured) is { } meanwhile)
                    return meanwhile;
                var count = new Count(new KeyValuePair<string, object?>[labels.Length]);
                for (var i = 0; i < labels.Length; i++)
                    count.Labels[i] = new(labels[i], ValueIn(measured, labels[i]));
                Volatile.Write(ref _all, [.. _all, count]);
                return count;
            }
        }
    }

    private sealed class Count(KeyValuePair<string, object?>[] labels)
    {
        public long Value;

        public KeyValuePair<string, object?>[] Labels => labels;

        public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> measured)
        {
            foreach (var (name, value) in labels)
            {
                if (!Equals(value, ValueIn(measured, name)))
                    return false;
            }

            return true;
        }
    }

    private static object? ValueIn(ReadOnlySpan<KeyValuePair<string, object?>> measured, string label)
    {
        foreach (var (name, value) in measured)
        {
            if (name == label)
                return value;
        }

        return null;
    }
}
