using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Telemetry;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>What OpenTelemetry hears in place of the instruments of every request.</summary>
public sealed class BatchedMeasurementsTests : IDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly MeterListener _reader;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly BatchedMeasurements _batches;
    private readonly Histogram<double> _overhead;
    private readonly List<Instrument> _second = [];

    public BatchedMeasurementsTests()
    {
        _reader = new()
        {
            InstrumentPublished = (instrument, reader) =>
            {
                if (!BatchedMeasurements.IsSecond(instrument) || instrument.Meter.Scope != _batches && _batches is not null)
                    return;
                _second.Add(instrument);
                reader.EnableMeasurementEvents(instrument);
            },
        };
        _batches = new(Meters);
        _reader.SetMeasurementEventCallback<double>((instrument, value, labels, _) => _heard.Enqueue($"{instrument.Name} {value} {string.Join(' ', labels.ToArray().Select(label => $"{label.Key}={label.Value}"))}"));
        _reader.SetMeasurementEventCallback<long>((instrument, value, labels, _) => _heard.Enqueue($"{instrument.Name} {value} {string.Join(' ', labels.ToArray().Select(label => $"{label.Key}={label.Value}"))}"));
        _reader.Start();
        _overhead = Meters.Create(GatewayMetrics.MeterName).CreateHistogram(GatewayMetrics.Overhead, "s", "Own time.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
    }

    /// <summary>Without the requests of clients elsewhere in this process, which are heard as well.</summary>
    private IEnumerable<string> Heard => _heard.Where(measured => !measured.StartsWith("http.client.", StringComparison.Ordinal));

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    [Fact]
    public void Nothing_is_heard_until_there_is_a_batch_or_somebody_reads()
    {
        for (var i = 0; i < 63; i++)
            _overhead.Record(i);
        Assert.Empty(Heard);

        _overhead.Record(63);
        Assert.Equal(64, Heard.Count());

        _overhead.Record(64, new KeyValuePair<string, object?>("route", "sessions"));
        Assert.Equal(64, Heard.Count());
        _reader.RecordObservableInstruments();
        Assert.Equal(Enumerable.Range(0, 64).Select(i => $"{GatewayMetrics.Overhead} {i} ").Append($"{GatewayMetrics.Overhead} 64 route=sessions"), Heard);
    }

    [Fact]
    public void The_second_instrument_is_like_the_first()
    {
        var second = Assert.IsType<Histogram<double>>(Assert.Single(_second, instrument => instrument.Name == GatewayMetrics.Overhead));

        Assert.Equal((_overhead.Unit, _overhead.Description, _overhead.Meter.Name), (second.Unit, second.Description, second.Meter.Name));
        Assert.Equal([0.1, 1], second.Advice!.HistogramBucketBoundaries!);
        Assert.True(BatchedMeasurements.Keeps(_overhead));
        Assert.False(BatchedMeasurements.Keeps(second));
    }

    [Fact]
    public void A_client_request_keeps_no_label_that_names_a_host()
    {
        var requests = Meters.Create("System.Net.Http").CreateHistogram<double>("http.client.request.duration");

        requests.Record(4321.5, new("http.request.method", "POST"), new("server.address", "secret-resource.invalid"), new("server.port", 443), new("http.response.status_code", 200));
        _reader.RecordObservableInstruments();

        Assert.Contains("http.client.request.duration 4321.5 http.request.method=POST http.response.status_code=200", _heard);
    }

    [Fact]
    public async Task Threads_that_measure_while_somebody_reads_lose_nothing()
    {
        var sessions = Meters.Create(GatewayMetrics.MeterName).CreateCounter<long>(GatewayMetrics.Sessions);
        var measuring = Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(
            () =>
            {
                for (var i = 0; i < 1001; i++)
                    sessions.Add(1, new KeyValuePair<string, object?>("route", $"route{thread}"));
            },
            TestContext.Current.CancellationToken)));
        while (!measuring.IsCompleted)
            _reader.RecordObservableInstruments();
        await measuring;
        _reader.RecordObservableInstruments();

        Assert.Equal(
            Enumerable.Range(0, 4).Select(thread => ($"{GatewayMetrics.Sessions} 1 route=route{thread}", 1001)),
            Heard.CountBy(measured => measured).Select(pair => (pair.Key, pair.Value)).Order());
    }

    public void Dispose()
    {
        _reader.Dispose();
        _batches.Dispose();
        _services.Dispose();
    }
}
