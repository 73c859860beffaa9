using System.Net;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Limits;

/// <summary>
/// One policy for every proxied route; which rule counts is looked up in the route's own snapshot. (YARP knows only the policies that were
/// registered at start, so a rule added later could not be a policy of its own.)
/// </summary>
internal static class RateLimitExtensions
{
    public const string Policy = "route";

    public static void AddLimits(this IHostApplicationBuilder builder) => builder.Services.AddRateLimiter(options =>
    {
        options.AddPolicy(Policy, PartitionOf);
        options.OnRejected = static async (context, _) => await context.HttpContext.Response.WriteErrorAsync(
            GatewayError.RateLimitExceeded.RetryAfter(SecondsToWait(context.Lease)));
    });

    public static void UseLimits(this IApplicationBuilder app) => app.UseRateLimiter();

    private static RateLimitPartition<RatePartitionKey> PartitionOf(HttpContext context)
    {
        var rule = context.GetEndpoint()?.Metadata.GetMetadata<RouteSettings>()?.Limit;
        return rule is null
            ? RateLimitPartition.GetNoLimiter(default(RatePartitionKey))
            : RateLimitPartition.GetFixedWindowLimiter(
                new RatePartitionKey(rule, NetworkOf(context.Connection.RemoteIpAddress)),
                static key => new() { PermitLimit = key.Rule!.Permits, Window = key.Rule.Window, QueueLimit = 0 });
    }

    /// <summary>The address that counts: IPv4 as it is, IPv6 by its /64, which is what one subscriber gets.</summary>
    internal static UInt128 NetworkOf(IPAddress? address)
    {
        if (address is null)
            return UInt128.Zero;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4
            ? new UInt128(0, MemoryMarshal.Read<uint>(bytes) | 1UL << 32)
            : new UInt128(MemoryMarshal.Read<ulong>(bytes), 2UL << 32);
    }

    private static int SecondsToWait(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;

    private readonly record struct RatePartitionKey(RateRule? Rule, UInt128 Network);
}
