using Microsoft.AspNetCore.Http.Features;

namespace RealtimeGateway.Callers;

/// <summary>Requests that ask for a connection in place of an answer.</summary>
internal static class Upgrades
{
    /// <summary>Whether this is one: <c>Upgrade</c> in HTTP/1.1, extended <c>CONNECT</c> (RFC 8441) in HTTP/2.</summary>
    public static bool IsUpgrade(this HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest is true
        || request.HttpContext.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect is true;
}
