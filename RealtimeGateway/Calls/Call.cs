using System.Buffers;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Calls;

/// <summary>A call that the gateway has begun for somebody: what its id carries. No replica has to remember it.</summary>
internal sealed record Call
{
    /// <summary>The service ends every call after this time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    private const int MaxUpstreamId = 128;

    private static readonly SearchValues<char> UpstreamIdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public required string Cluster { get; init; }

    public required string Destination { get; init; }

    /// <summary>Of the destination when the call began; another resource under its name knows nothing of the call.</summary>
    public required string Address { get; init; }

    /// <summary>Azure's own id; empty when it named none.</summary>
    public required string UpstreamId { get; init; }

    public required string Profile { get; init; }

    public required DateTimeOffset Begun { get; init; }

    /// <summary>What limits count it as; <c>null</c> when none does.</summary>
    public LeaseName? Lease { get; init; }

    /// <summary>What stands for the call where something is remembered about it: a hash of its id.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// Azure's id of a call that was just begun: the last segment of <c>Location</c>, which may be absolute, relative, or missing. Empty when there is none
    /// that could stand in a path.
    /// </summary>
    public static string UpstreamIdIn(HttpResponseMessage response)
    {
        // As it came: what is no address for .NET may still end in an id, and a call without one cannot be hung up.
        var location = response.Headers.NonValidated.TryGetValues("Location", out var values) ? values.First() : "";
        var id = location.Split('?', '#')[0].TrimEnd('/').Split('/')[^1];
        return id.Length <= MaxUpstreamId && !id.AsSpan().ContainsAnyExcept(UpstreamIdCharacters) ? id : "";
    }
}
