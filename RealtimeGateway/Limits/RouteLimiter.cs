using System.Security.Cryptography;
using System.Threading.RateLimiting;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Telemetry;

namespace RealtimeGateway.Limits;

/// <summary>
/// Asks the limits that the request's own route names, in its own snapshot, for a permit each; for an endpoint of the gateway's own, its limit in the snapshot in force. It is the framework's global limiter and not a
/// policy: a policy hands its limiter a partition key, never the request.
/// </summary>
internal sealed class RouteLimiter(GatewayLimits limits, LiveConfiguration live, GatewayMetrics metrics, TimeProvider time) : PartitionedRateLimiter<HttpContext>
{
    // A count from a random number on: unique over all replicas, so that a lease can be ended by another one.
    private static long _leases = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    // The middleware tries this first, and asks below when it is refused: always where Redis has to be asked.
    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount)
    {
        if (LimitsOf(resource) is not { } route)
            return RequestLease.Free;
        if (limits.AreShared)
            return RequestLease.Refused(Decision.Unknown);
        var (demands, id) = (DemandsOf(route, resource), Interlocked.Increment(ref _leases));
        return LeaseOf(route, resource, demands, id, limits.AcquireHere(demands, id));
    }

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken)
    {
        if (LimitsOf(resource) is not { } route)
            return RequestLease.Free;
        var (demands, id) = (DemandsOf(route, resource), Interlocked.Increment(ref _leases));
        return LeaseOf(route, resource, demands, id, await limits.AcquireAsync(demands, id));
    }

    private RequestLease LeaseOf(RouteLimits route, HttpContext resource, Demand[] demands, long id, (Decision Decision, ILeases Leases) outcome)
    {
        var (decision, leases) = outcome;
        if (!decision.IsAdmitted)
            return RequestLease.Refused(decision);
        foreach (var demand in demands)
            metrics.Decided(demand.Rule.Name, isAdmitted: true);

        if (route.CallRules == 0)
            return RequestLease.Free;
        var lease = new CallLease(CallsAmong(demands, route.CallRules), id, leases, IsBounded(resource, route) ? null : time);
        resource.Features.Set(lease);
        return RequestLease.Holding(lease);
    }

    // A mint must be over before its place lapses. The time of a socket is for opening it.
    private static bool IsBounded(HttpContext context, RouteLimits limits) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>() is { Socket: null, Timeout: { } timeout } && timeout < limits.ShortestCall;

    private RouteLimits? LimitsOf(HttpContext context) => context.GetEndpoint()?.Metadata is { } metadata
        ? metadata.GetMetadata<RouteSettings>()?.Limits ?? metadata.GetMetadata<EndpointLimit>()?.In(live.Current)
        : null;

    private static Demand[] CallsAmong(Demand[] demands, int count)
    {
        if (count == demands.Length)
            return demands;
        var calls = new Demand[count];
        foreach (var demand in demands)
        {
            if (demand.Rule.Kind is LimitKind.Concurrency)
                calls[^count--] = demand;
        }

        return calls;
    }

    private static Demand[] DemandsOf(RouteLimits route, HttpContext context)
    {
        var demands = new Demand[route.Rules.Length];
        for (var i = 0; i < demands.Length; i++)
            demands[i] = new(route.Rules[i], Partition.Of(route.Rules[i].By, route, context));
        return demands;
    }
}
