using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Bench.Limits;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;

// What a million callers and one decision cost: `dotnet run -c Release --project bench/Limits`.
const int Callers = 1_000_000;
var clock = new Clock();
using var limits = new LocalLimits(clock);
Report($"nobody yet: {limits.Partitions} partitions");
LimitRule[] rules =
[
    new("atonce", LimitKind.Concurrency, 30, TimeSpan.FromMinutes(1), 30, LimitBy.Address, WithoutRedis.Local),
    new("day", LimitKind.FixedWindow, 1000, TimeSpan.FromDays(1), 1000, LimitBy.Address, WithoutRedis.Local),
    new("minute", LimitKind.TokenBucket, 60, TimeSpan.FromMinutes(1), 60, LimitBy.Address, WithoutRedis.Local),
];

Come(rules[1..]);
Report($"{Callers:n0} callers with a bucket and a day's window each (no more than a thousand can have a call, as shipped): {limits.Partitions:n0} partitions");
Come(rules);
Report($"and with a call each, were that allowed: {limits.Partitions:n0} partitions");
clock.Advance(TimeSpan.FromMinutes(2));
limits.Sweep();
Report($"two minutes later: {limits.Partitions:n0} partitions");
clock.Advance(TimeSpan.FromDays(1));
limits.Sweep();
Report($"a day later: {limits.Partitions:n0} partitions");

var context = new DefaultHttpContext();
context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
var endless = Array.ConvertAll(rules, rule => rule with { Permits = 1_000_000, Burst = 1_000_000, Window = TimeSpan.FromSeconds(1), Kind = rule.Kind is LimitKind.Concurrency ? LimitKind.FixedWindow : rule.Kind });
SetRules(endless[..1]);
var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
using var route = new RouteLimiter(new GatewayLimits(limits, null!, new RedisLink(null!, null!, clock, null!)), live: null!, new GatewayMetrics(meters, null!, clock), clock);
using var framework = PartitionedRateLimiter.Create<HttpContext, UInt128>(http => RateLimitPartition.GetFixedWindowLimiter(
    Partition.OfAddress(http.Connection.RemoteIpAddress), _ => new() { PermitLimit = int.MaxValue, Window = TimeSpan.FromSeconds(1) }));
await MeasureAsync("the framework's fixed window", framework);
await MeasureAsync("one rule", route);
SetRules(endless);
await MeasureAsync("three rules", route);
SetRules([.. endless[1..], rules[0] with { Permits = 100_000 }]);
await MeasureAsync("three rules, one of them counting calls", route);

void Come(LimitRule[] asked)
{
    var demands = new Demand[asked.Length];
    for (var caller = 0; caller < Callers; caller++)
    {
        for (var i = 0; i < asked.Length; i++)
            demands[i] = new(asked[i], Partition.OfAddress(new IPAddress(caller)));
        limits.Acquire(demands, caller);
    }
}

void SetRules(LimitRule[] some) => context.SetEndpoint(new Endpoint(
    null, new EndpointMetadataCollection(new RouteSettings { Timeout = TimeSpan.FromSeconds(0.5), Limits = new RouteLimits(some, "", FrozenDictionary<string, SessionProfile>.Empty) }), null));

async Task MeasureAsync(string what, PartitionedRateLimiter<HttpContext> limiter)
{
    const int Rounds = 1_000_000;
    for (var i = 0; i < Rounds / 10; i++)
        (await limiter.AcquireAsync(context)).Dispose();
    var (bytes, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
    for (var i = 0; i < Rounds; i++)
        (await limiter.AcquireAsync(context)).Dispose();
    var nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Rounds;
    Print($"{what}: {nanoseconds:f0} ns, {(GC.GetAllocatedBytesForCurrentThread() - bytes) / Rounds} bytes a decision");
}

static void Report(FormattableString what)
{
    GC.Collect();
    Print(what);
    Print($"  heap {GC.GetTotalMemory(forceFullCollection: true) / 1048576} MiB, process {Environment.WorkingSet / 1048576} MiB");
}

static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
