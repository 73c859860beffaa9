using System.Collections.Concurrent;
using Microsoft.AspNetCore.Authorization;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Limits;

/// <summary>
/// Counts by address the requests whose credential ends as our own 401. (One without a credential has failed nothing: a page asks before it knows that one is needed, and any
/// site can make a visitor's browser ask.) An address that has used its budget up is refused with 429 before anybody looks at
/// its credential; endpoints for everybody (<see cref="IAllowAnonymous"/>) are not.
/// </summary>
internal sealed class FailedAuthentication(RequestDelegate next, GatewayLimits limits, LiveConfiguration live, TimeProvider time)
{
    /// <summary>Addresses remembered at once. Beyond it all are forgotten, and each may fail once more.</summary>
    private const int MaxRefused = 100_000;

    // An honest request asks nobody: an address stands here from its last failure on, until it has a permit again.
    private readonly ConcurrentDictionary<UInt128, DateTimeOffset> _refused = new();

    public Task InvokeAsync(HttpContext context)
    {
        var address = Partition.OfAddress(context.Connection.RemoteIpAddress);
        if (_refused.TryGetValue(address, out var end) && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            if (end - time.GetUtcNow() is { Ticks: > 0 } wait)
                return context.WriteRefusalAsync(new(live.Current.FailedAuthentication, wait));
            _refused.TryRemove(new(address, end));
        }

        if (PresentedCredential.IsOn(context.Request))
            CountFailure(context, address);
        return next(context);
    }

    // Before the response starts: whoever reads the 401 has been counted.
    private void CountFailure(HttpContext context, UInt128 address) => context.Response.OnStarting(() =>
        context.Response.StatusCode is StatusCodes.Status401Unauthorized && context.Own<Exchange>() is null or { Error.Status: StatusCodes.Status401Unauthorized } ? CountAsync(address) : Task.CompletedTask);

    private async Task CountAsync(UInt128 address)
    {
        Demand[] demands = [new(live.Current.FailedAuthentication, address)];
        var (decision, _) = await limits.AcquireAsync(demands, lease: 0);
        if (decision.IsAdmitted)
            decision = await limits.PeekAsync(demands);
        if (decision.Wait <= TimeSpan.Zero)
            return;
        if (_refused.Count >= MaxRefused)
            _refused.Clear();
        _refused[address] = time.GetUtcNow() + decision.Wait;
    }
}
