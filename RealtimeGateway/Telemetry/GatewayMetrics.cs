using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// The gateway's own instruments. Every label comes from configuration or from a closed list: never a caller, an id, or anything else from
/// outside.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "RealtimeGateway";
    public const string Sessions = "realtime_gateway.sessions";
    public const string Attempts = "realtime_gateway.upstream.attempts";
    public const string Overhead = "realtime_gateway.overhead.duration";
    public const string UpstreamDuration = "realtime_gateway.upstream.duration";

    private readonly TimeProvider _time;
    private readonly Counter<long> _sessions;
    private readonly Counter<long> _rejections;
    private readonly Histogram<double> _upstreamDuration;
    private readonly Histogram<double> _overhead;
    private readonly Histogram<int> _attempts;
    private readonly Counter<long> _reloads;
    private readonly ConcurrentDictionary<string, Decisions> _decisions = new(StringComparer.Ordinal);
    private string _store = "local";
    private Measurement<long>[] _lastLoaded = [];

    public GatewayMetrics(IMeterFactory meters, LiveConfiguration live, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeterName);
        _sessions = meter.CreateCounter<long>(Sessions, "{session}", "Sessions asked for, by route, profile, destination and outcome.");
        _rejections = meter.CreateCounter<long>("realtime_gateway.rejections", "{request}", "Requests refused or failed, by reason; its prefix says whose fault it was.");
        _reloads = meter.CreateCounter<long>("realtime_gateway.config.reloads", "{reload}", "Changed configuration files, by outcome.");
        meter.CreateObservableGauge("realtime_gateway.config.last_success", () => Volatile.Read(ref _lastLoaded), "s", "When the configuration in force was loaded, in Unix seconds.");
        meter.CreateObservableGauge(
            "realtime_gateway.config.state", () => States(live.Rejection is null ? "accepted" : "rejected", "accepted", "rejected"), description: "1 for rejected while the configuration on disk is refused and the last good one serves.");
        meter.CreateObservableCounter(
            "realtime_gateway.limits.decisions", CountsOfDecisions, "{decision}", "Requests that a limit admitted or refused, by rule. Of several rules that refuse, the one with the longest wait counts.");
        meter.CreateObservableGauge("realtime_gateway.limits.store.state", StatesOfStore, description: "1 for where limits are counted: in redis, local without one, or away while the one that is configured cannot be reached.");
        meter.CreateObservableGauge("realtime_gateway.destination.state", () => StatesOfDestinations(live), description: "1 for the state that a destination is in, 0 for the others.");
        _attempts = meter.CreateHistogram<int>(
            Attempts, "{attempt}", "Destinations tried for one request.", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 3, 5, 10] });
        meter.CreateObservableGauge("realtime_gateway.credential.state", () => StatesOfCredentials(live), description: "1 for the state that a credential is in, 0 for every other of its kind.");
        _overhead = meter.CreateHistogram<double>(
            Overhead, "s", "What the gateway itself took for a proxied request: its whole time without the time that destinations were waited for.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1] });
        _upstreamDuration = meter.CreateHistogram<double>(
            UpstreamDuration, "s", "Time from sending a request upstream to its answer: to the headers, or to the end where the gateway reads it whole.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
    }

    /// <summary>A request went through the proxy, or failed to.</summary>
    public void Exchanged(Exchange exchange)
    {
        var route = exchange.Route.Name;
        if (exchange.Attempts > 0)
            _attempts.Record(exchange.Attempts, new KeyValuePair<string, object?>("route", route));
        if (exchange.Session is { } session)
            _sessions.Add(1, new("route", route), new("profile", session.Profile.Name), new("destination", exchange.Destination?.Name ?? "none"), new("outcome", OutcomeOf(exchange)));
    }

    /// <summary>A destination was tried.</summary>
    public void Attempted(Exchange exchange, TimeSpan duration) =>
        Asked(exchange.Destination?.Name ?? "none", exchange.Route.Name, duration, OutcomeOf(exchange));

    /// <summary>A request has gone through the proxy.</summary>
    /// <param name="own">What the gateway itself took for it: the whole time, without the time that destinations were waited for.</param>
    public void Took(string route, TimeSpan own) => _overhead.Record(own.TotalSeconds, new KeyValuePair<string, object?>("route", route));

    /// <summary>The gateway asked a destination by itself.</summary>
    public void Asked(string destination, string operation, TimeSpan duration, string outcome) =>
        _upstreamDuration.Record(duration.TotalSeconds, new("destination", destination), new("operation", operation), new("outcome", outcome));

    /// <summary>A request was answered with an error, or its caller did not wait for one.</summary>
    public void Rejected(GatewayError error) => _rejections.Add(1, new KeyValuePair<string, object?>("reason", error.Reason));

    /// <summary>A limit has decided about a request. (Counted here and read when somebody scrapes: there are several for every request.)</summary>
    public void Decided(string rule, bool isAdmitted)
    {
        var decisions = _decisions.GetOrAdd(rule, static _ => new());
        Interlocked.Increment(ref isAdmitted ? ref decisions.Admitted : ref decisions.Refused);
    }

    public void RedisChanged(bool isUp) => Volatile.Write(ref _store, isUp ? "redis" : "away");

    public void ConfigurationLoaded(bool accepted)
    {
        _reloads.Add(1, new KeyValuePair<string, object?>("outcome", accepted ? "accepted" : "rejected"));
        if (accepted)
            Volatile.Write(ref _lastLoaded, [new(_time.GetUtcNow().ToUnixTimeSeconds())]);
    }

    private IEnumerable<Measurement<long>> CountsOfDecisions() => _decisions.SelectMany(static rule => new Measurement<long>[]
    {
        new(Volatile.Read(ref rule.Value.Admitted), new("rule", rule.Key), new("decision", "admitted")),
        new(Volatile.Read(ref rule.Value.Refused), new("rule", rule.Key), new("decision", "refused")),
    });

    private Measurement<int>[] StatesOfStore() => States(Volatile.Read(ref _store), "redis", "away", "local");

    private static Measurement<int>[] States(string current, params string[] all) =>
        Array.ConvertAll(all, state => new Measurement<int>(state == current ? 1 : 0, new KeyValuePair<string, object?>("state", state)));

    private static IEnumerable<Measurement<int>> StatesOfCredentials(LiveConfiguration live) =>
        from credential in live.IsLoaded ? live.Current.Credentials.Values : []
        let current = credential.Report().State
        from state in credential.States
        select new Measurement<int>(state == current ? 1 : 0, new("credential", credential.Name), new("state", state));

    private static IEnumerable<Measurement<int>> StatesOfDestinations(LiveConfiguration live)
    {
        if (!live.IsLoaded)
            yield break;
        foreach (var destination in live.Current.Destinations.All)
        {
            var report = destination.Report();
            foreach (var state in Proxy.DestinationHealth.States)
                yield return new(state == report.State ? 1 : 0, new("cluster", report.Cluster), new("destination", report.Name), new("state", state));
        }
    }

    public static string OutcomeOf(Exchange exchange) => exchange.Error?.Code ?? "ok";

    private sealed class Decisions
    {
        public long Admitted;
        public long Refused;
    }
}
