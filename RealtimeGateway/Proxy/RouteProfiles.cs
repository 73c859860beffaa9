using System.Collections.Frozen;
using RealtimeGateway.Callers;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Proxy;

/// <summary>The session profiles that a route's callers can pick from.</summary>
/// <param name="profiles">All of the snapshot, by name.</param>
/// <param name="own">The route's own, which counts unless the caller names another by <c>?profile=NAME</c> or was given one.</param>
internal sealed class RouteProfiles(FrozenDictionary<string, SessionProfile> profiles, string own)
{
    public IEnumerable<SessionProfile> All => profiles.Values;

    /// <summary><c>null</c> when there is none of that name or it is not for this caller, who does not learn which of the two.</summary>
    public SessionProfile? For(HttpContext context)
    {
        var caller = Caller.Of(context);
        var name = context.Request.QueryString.HasValue && context.Request.Query.TryGetValue("profile", out var asked) ? asked.ToString() : caller.Profile ?? own;
        return profiles.TryGetValue(name, out var profile) && caller.MayUse(profile) ? profile : null;
    }
}
