using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Credentials;

/// <summary>
/// A minted <c>ek_</c> value with the session that it opens, as the mint answered it. It may be used any number of times until it expires.
/// </summary>
/// <param name="Value">The bearer secret itself.</param>
/// <param name="Deployment">The deployment of the session.</param>
/// <param name="ExpiresAt">When no further session can be opened with it; a running one goes on.</param>
/// <param name="Session">The session's configuration; not to be changed.</param>
public sealed record EphemeralSecret(string Value, string Deployment, DateTimeOffset ExpiresAt, JsonObject Session)
{
    private int _uses;

    /// <summary>How many sessions were asked for with it.</summary>
    public int Uses => _uses;

    internal int CountUse() => Interlocked.Increment(ref _uses);
}
