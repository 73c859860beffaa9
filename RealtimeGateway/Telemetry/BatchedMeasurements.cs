using System.Collections.Frozen;
using System.Diagnostics.Metrics;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// What every request measures once waits here for its like, and goes on to OpenTelemetry in batches: to look up one series costs a microsecond amid the work of a request, and a
/// fraction of it in a row. Whoever reads the metrics gets all of them, since what waits goes on before. OpenTelemetry drops the instruments themselves and hears a second one of
/// the same name.
/// </summary>
internal sealed class BatchedMeasurements : IDisposable
{
    private const int BatchSize = 64;
    private const int MaxLabels = 10;

    // With the labels that are kept; null: all.
    private static readonly FrozenDictionary<string, string[]?> Kept = new Dictionary<string, string[]?>(StringComparer.Ordinal)
    {
        ["http.server.request.duration"] = null,
        ["http.client.request.duration"] = ["http.request.method", "http.response.status_code", "network.protocol.version", "error.type"],
        [GatewayMetrics.Sessions] = null,
        [GatewayMetrics.Attempts] = null,
        [GatewayMetrics.Overhead] = null,
        [GatewayMetrics.UpstreamDuration] = null,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Dictionary<string, Meter> _meters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Batch> _batches = new(StringComparer.Ordinal);
    private readonly IMeterFactory _factory;
    private readonly MeterListener _listener;

    public BatchedMeasurements(IMeterFactory factory)
    {
        _factory = factory;
        _listener = new() { InstrumentPublished = Take };
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, batch) => ((Batch<double>)batch!).Add(value, labels));
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, batch) => ((Batch<long>)batch!).Add(value, labels));
        _listener.SetMeasurementEventCallback<int>(static (_, value, labels, batch) => ((Batch<int>)batch!).Add(value, labels));
        // Has no value of its own: it is asked, as everything that is observed, before a reader takes the figures. Made before the start, from which on other threads make instruments too.
        MeterOf(GatewayMetrics.MeterName).CreateObservableCounter<long>("realtime_gateway.batches", HandOn);
        _listener.Start();
    }

    /// <summary>Whether it is one of them, and not the second one.</summary>
    public static bool Keeps(Instrument instrument) => Kept.ContainsKey(instrument.Name) && !IsSecond(instrument);

    /// <summary>Whether it is one that goes on to OpenTelemetry, with no more labels than it shall have.</summary>
    public static bool IsSecond(Instrument instrument) => instrument.Meter.Scope is BatchedMeasurements;

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters.Values)
            meter.Dispose();
    }

    private void Take(Instrument instrument, MeterListener listener)
    {
        if (!Keeps(instrument) || (instrument.Meter.Scope is { } scope && scope != _factory))
            return;
        lock (_batches)
        {
            if (!_batches.TryGetValue(instrument.Name, out var batch))
                _batches[instrument.Name] = batch = BatchOf(instrument);
            listener.EnableMeasurementEvents(instrument, batch);
        }
    }

    private Batch BatchOf(Instrument instrument)
    {
        var (meter, name, labels) = (MeterOf(instrument.Meter.Name), instrument.Name, Kept[instrument.Name]);
        return instrument switch
        {
            Histogram<double> first => new Batch<double>(meter.CreateHistogram(name, first.Unit, first.Description, tags: null, first.Advice).Record, labels),
            Histogram<int> first => new Batch<int>(meter.CreateHistogram(name, first.Unit, first.Description, tags: null, first.Advice).Record, labels),
            Counter<long> first => new Batch<long>(meter.CreateCounter<long>(name, first.Unit, first.Description).Add, labels),
            _ => throw new InvalidOperationException($"{name} is a {instrument.GetType()}."),
        };
    }

    private Meter MeterOf(string name)
    {
        if (!_meters.TryGetValue(name, out var meter))
            _meters[name] = meter = new(new MeterOptions(name) { Scope = this });
        return meter;
    }

    private IEnumerable<Measurement<long>> HandOn()
    {
        lock (_batches)
        {
            foreach (var batch in _batches.Values)
                batch.HandOn();
        }

        return [];
    }

    private abstract class Batch
    {
        public abstract void HandOn();
    }

    private delegate void Record<in T>(T value, ReadOnlySpan<KeyValuePair<string, object?>> labels);

    private sealed class Batch<T>(Record<T> record, string[]? kept) : Batch
    {
        private readonly Lock _adding = new();
        private readonly T[] _values = new T[BatchSize];
        private readonly int[] _lengths = new int[BatchSize];
        private readonly KeyValuePair<string, object?>[] _labels = new KeyValuePair<string, object?>[BatchSize * MaxLabels];
        private int _count;

        public void Add(T value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            lock (_adding)
            {
                _values[_count] = value;
                _lengths[_count] = Keep(labels, _labels.AsSpan(_count * MaxLabels, MaxLabels));
                if (++_count == BatchSize)
                    HandOn();
            }
        }

        public override void HandOn()
        {
            lock (_adding)
            {
                for (var i = 0; i < _count; i++)
                    record(_values[i], _labels.AsSpan(i * MaxLabels, _lengths[i]));
                _count = 0;
            }
        }

        private int Keep(ReadOnlySpan<KeyValuePair<string, object?>> labels, Span<KeyValuePair<string, object?>> place)
        {
            var count = 0;
            foreach (ref readonly var label in labels)
            {
                if (count < place.Length && (kept is null || kept.Contains(label.Key)))
                    place[count++] = label;
            }

            return count;
        }
    }
}
