using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Testing;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>A gateway in its <see cref="Surroundings"/>, and all that can be heard of it.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;
    private readonly Surroundings _surroundings;
    private MetricCollector<long> _rejections = null!;

    private World(Surroundings surroundings) => (_surroundings, _listener) = (surroundings, Listener());

    public ProofHost Host { get; private set; } = null!;

    public Findings Findings { get; } = new();

    public Journeys Journeys { get; private set; } = null!;

    /// <summary>Why it has refused anything so far, as its metrics have it: even where nobody waits for the answer.</summary>
    public IEnumerable<string> Reasons => _rejections.GetMeasurementSnapshot().Select(rejection => (string)rejection.Tags["reason"]!);

    public Surroundings Surroundings => _surroundings;

    public Faults Faults => _surroundings.Faults;

    /// <summary>Whether the seal of tickets and ids of calls is broken: a mistake of the gateway's own.</summary>
    public BrokenSeal Seal { get; } = new();

    /// <summary>What keeps it listening once it has been told to stop.</summary>
    public HeldDoor Door { get; } = new();

    /// <summary>Starts the built gateway, or the one of these bytes.</summary>
    public static async Task<World> StartAsync(Surroundings surroundings, byte[]? image = null, Action<JsonNode>? change = null)
    {
        var world = new World(surroundings);
        ActivitySource.AddActivityListener(world._listener);
        var folder = new SettingsFolder(surroundings.Plant + change);
        world.Host = await ProofHost.StartAsync(folder, world.Replace, image);
        world._rejections = new(world.Host.Services.GetRequiredService<IMeterFactory>(), "RealtimeGateway", "realtime_gateway.rejections");
        world.Journeys = new(world.Host.Addresses, world.Host.Endpoints, world.Findings, JsonNode.Parse(folder.Read())!, surroundings.Token());
        return world;
    }

    /// <summary>These endpoints, in this order.</summary>
    public async Task VisitAsync(params IReadOnlyList<string> patterns)
    {
        await Journeys.VisitAsync(patterns);
        Listen();
    }

    /// <summary>
    /// Everything once, and everything behind which the service is asked once more while it refuses, and while it answers what nobody understands; and a mistake of the gateway's own.
    /// </summary>
    public async Task VisitOnceAsync()
    {
        await Journeys.VisitAllAsync(isBrief: true);
        Seal.IsBroken = true;
        await Journeys.AskForTicketAsync();
        Seal.IsBroken = false;
        await BreakAsync(new() { Effect = FaultEffect.Status, Status = 400, Variant = "contentFilter" });
        await BreakAsync(new() { Effect = FaultEffect.Garbage });
    }

    /// <summary>Has the service do this to whatever it is asked.</summary>
    public async Task BreakAsync(Fault fault)
    {
        await Journeys.PrepareAsync();
        Faults.Inject(fault);
        await Journeys.VisitServiceAsync();
        Faults.Clear();
        _surroundings.Time.Advance(TimeSpan.FromMinutes(1)); // what has been waited for, and whoever is left alone, is so no more
        Listen();
    }

    /// <summary>Takes what has been logged, traced and received since the last time.</summary>
    public void Listen()
    {
        foreach (var received in _surroundings.TakeReceived())
            Findings.Add(Audience.Service, received);
        _surroundings.Indiscreet.TellTo(Findings);
        while (_spans.TryDequeue(out var span))
            Take(span);
        foreach (var record in Host.Logs.GetSnapshot(clear: true))
            Take(record);
    }

    public async ValueTask DisposeAsync()
    {
        Door.Dispose();
        Journeys.Dispose();
        _rejections.Dispose();
        await Host.DisposeAsync();
        Listen();
        _listener.Dispose();
    }

    private ActivityListener Listener() => new()
    {
        ShouldListenTo = source => source.Name is RequestSpan.SourceName or "Microsoft.AspNetCore",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = span =>
        {
            if (span.Source.Name == RequestSpan.SourceName) // the server's own, which nobody exports, is only there to be passed on
                _spans.Enqueue(span);
        },
    };

    private void Take(Activity span)
    {
        var where = $"span {span.OperationName}";
        Findings.Add(Audience.Telemetry, where, "name", span.DisplayName);
        Findings.Add(Audience.Telemetry, where, "status", span.StatusDescription);
        Findings.Add(Audience.Telemetry, where, "context", $"{span.TraceId} {span.ParentSpanId} {span.TraceStateString}");
        foreach (var (name, value) in span.TagObjects.Concat(span.Events.SelectMany(happened => happened.Tags)).Concat(span.Links.SelectMany(link => link.Tags ?? [])))
            Findings.Add(Audience.Telemetry, where, $"tag {name}", $"{name} {value}");
        foreach (var (name, value) in span.Baggage)
            Findings.Add(Audience.Telemetry, where, "baggage", $"{name} {value}");
    }

    private void Take(FakeLogRecord record)
    {
        var where = $"{record.Category}";
        Findings.Add(Audience.Log, where, "message", record.Message);
        foreach (var (name, value) in record.StructuredState ?? [])
            Findings.Add(Audience.Log, where, $"state {name}", value);
        foreach (var scope in record.Scopes)
            Findings.Add(Audience.Log, where, "scope", scope is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) + scope : scope?.ToString());
        Findings.Add(Audience.Log, where, "exception", record.Exception?.ToString());
    }

    private void Replace(IServiceCollection services)
    {
        _surroundings.Replace(services);
        services.AddSingleton<IDataProtectionProvider>(Seal);
        services.AddSingleton<IHostedService>(Door);
    }
}
