using System.Globalization;
using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Sockets;

/// <summary>What a route with <c>SessionEvents</c> says about its sockets.</summary>
/// <param name="Profile">The session profile, unless the caller asks for another.</param>
/// <param name="IdleTimeout">How long a socket may be without any message before it is closed.</param>
internal sealed record SocketSettings(string Profile, TimeSpan IdleTimeout)
{
    public const string IdleTimeoutKey = "IdleTimeout";

    private static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestIdleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestIdleTimeout = TimeSpan.FromHours(2);

    /// <summary>The settings of one route; <c>null</c> when it takes no sockets.</summary>
    public static SocketSettings? Read(RouteConfig route, string key, ConfigurationFaults faults)
    {
        var text = route.Metadata?.GetValueOrDefault(IdleTimeoutKey);
        if (SessionEventsFactory.ProfileOf(route) is not { } profile)
        {
            if (text is not null)
                faults.Add($"{key}:Metadata:{IdleTimeoutKey}", text, $"belongs to a route with {SessionEventsFactory.Key}");
            return null;
        }

        var idle = DefaultIdleTimeout;
        if (text is not null && (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out idle) || idle < ShortestIdleTimeout || idle > LongestIdleTimeout))
            faults.Add($"{key}:Metadata:{IdleTimeoutKey}", text, $"must be a time span between {ShortestIdleTimeout} and {LongestIdleTimeout}");
        return new(profile, idle);
    }
}
