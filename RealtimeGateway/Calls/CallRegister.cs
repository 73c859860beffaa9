using System.Security.Cryptography;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;
using Yarp.ReverseProxy;

namespace RealtimeGateway.Calls;

/// <summary>What callers can ask about their calls, and do to them.</summary>
internal sealed partial class CallRegister(
    CallIds ids, ActiveCalls active, EndedCalls ended, HangUp hangUp, GatewayLimits limits, LiveConfiguration live, IProxyStateLookup proxy, RetiredClusters retired, TimeProvider time, ILogger<CallRegister> logger)
{
    private const string Cause = "caller";

    /// <summary>The call, or why there is none for this caller.</summary>
    public (Call? Call, GatewayError? Error) Find(string id, Caller caller)
    {
        try
        {
            return ids.Open(id, caller) is { } call ? (call, null) : (null, GatewayError.CallNotFound);
        }
        catch (CryptographicException e) when (e.InnerException is KeysAwayException)
        {
            return (null, GatewayError.KeysUnavailable);
        }
    }

    public async Task<CallAnswer> DescribeAsync(string id, Call call)
    {
        var end = await ended.FindAsync(call);
        var seconds = ((end?.At ?? time.GetUtcNow()) - call.Begun).TotalSeconds;
        return new(id, "realtime.call", end is null ? "begun" : "ended", (long)Math.Max(0, seconds), end?.Reason);
    }

    /// <summary>Ends the call for the browser, too. <c>null</c> when it is over, now or before.</summary>
    public async Task<GatewayError?> EndAsync(Call call, string requestId)
    {
        if (await ended.FindAsync(call) is not null)
            return null;
        if (call.UpstreamId.Length == 0)
            return GatewayError.UpstreamInvalidResponse;
        var cluster = proxy.TryGetCluster(call.Cluster, out var present) ? present.Model : retired.Find(call.Cluster);
        if (cluster is null || live.Current.Destinations.At(call.Address, call.Cluster, call.Destination) is not { } destination)
        {
            Log.NoDestination(logger, call.Destination, requestId);
            return GatewayError.UpstreamMisconfigured;
        }

        var (over, failure) = await hangUp.EndAsync(destination, cluster, call.UpstreamId, Cause, requestId);
        if (failure is not null)
            return failure.Error;
        if (await ended.RememberAsync(call, new(over!, time.GetUtcNow())))
            active.End(call, over!);
        if (call.Lease is { } lease)
            limits.Release(lease, live.Current.Limits);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A call cannot be hung up: destination {Destination}, which carries it, is no longer configured as it was, request {RequestId}")]
        public static partial void NoDestination(ILogger logger, string destination, string requestId);
    }
}
