using System.Diagnostics;

namespace RealtimeGateway.Credentials;

/// <summary>
/// The short-lived secret (<c>ek_…</c>) with which a browser opens realtime sessions until it expires. It may be used several times, and
/// its expiry does not end a running session.
/// </summary>
/// <param name="Value">The secret; never logged, stored or shown to anyone but the caller it was minted for.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed record EphemeralSecret(string Value, long ExpiresAt)
{
    /// <summary>It, as proof for one request of the gateway's own.</summary>
    public Proof AsProof() => new("Authorization", $"Bearer {Value}");

    public override string ToString() => $"ek_*** until {ExpiresAt}";
}
