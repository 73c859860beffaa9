using System.Collections.Frozen;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Callers;

/// <summary>Who sent a request, as the caller step found out; a feature of the request.</summary>
[DebuggerDisplay("{LogName,nq}")]
internal sealed class Caller(string identity, IReadOnlyList<string> grants, FrozenSet<string>? profiles, byte[] logKey)
{
    private const int LogNameBytes = 6;

    /// <summary>A request that carried no credential, where none was needed.</summary>
    public static readonly Caller Anonymous = new("", [], profiles: null, logKey: []);

    private string? _logName;

    public bool IsAnonymous => Identity.Length == 0;

    /// <summary>
    /// Stable, and unique over all schemes; empty for anonymous. Who owns a call. Never logged, shown or used as a metric label.
    /// </summary>
    public string Identity { get; } = identity;

    /// <summary>What limits count by. Every rule of a request asks for it, and the caller of a key lives as long as the configuration.</summary>
    public UInt128 Partition { get; } = Limits.Partition.OfText(identity);

    /// <summary>What stands for the caller in logs: 12 hexadecimal digits of a keyed hash, so that a log cannot be turned back into people.</summary>
    public string LogName => _logName ??= IsAnonymous
        ? "anonymous"
        : Convert.ToHexStringLower(HMACSHA256.HashData(logKey, Encoding.UTF8.GetBytes(Identity)).AsSpan(0, LogNameBytes));

    /// <summary>Scopes, roles and keys, as lists of <see cref="Access"/> name them.</summary>
    public IReadOnlyList<string> Grants => grants;

    /// <summary>The profile that counts for this caller unless it names another; <c>null</c> for the route's own.</summary>
    public string? Profile { get; init; }

    /// <summary>The caller of this request; <see cref="Anonymous"/> when nothing identified one.</summary>
    public static Caller Of(HttpContext context) => context.Own<Caller>() ?? Anonymous;

    /// <summary>Whether one of the caller's scopes, roles or keys is among these (<c>scope:…</c>, <c>role:…</c>, <c>key:…</c>).</summary>
    public bool HasAny(FrozenSet<string> wanted)
    {
        for (var i = 0; i < grants.Count; i++)
        {
            if (wanted.Contains(grants[i]))
                return true;
        }

        return false;
    }

    /// <summary>Whether it is a key with a list of profiles.</summary>
    public bool IsHeldToProfiles => profiles is not null;

    /// <summary>A key with a list of profiles may use these and no others; everybody else what the profile's own list admits.</summary>
    public bool MayUse(SessionProfile profile) => profiles?.Contains(profile.Name) ?? profile.Access.Admits(this);
}
