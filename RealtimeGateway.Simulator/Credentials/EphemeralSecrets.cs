using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Credentials;

/// <summary>The secrets that are out: issued by a mint, found by whoever presents one, forgotten when they expire.</summary>
public sealed class EphemeralSecrets(TimeProvider time)
{
    /// <summary>What every secret starts with.</summary>
    public const string Prefix = "ek_";

    private const int MaxSecrets = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EphemeralSecret> _secrets = [];
    private readonly PriorityQueue<string, DateTimeOffset> _byExpiry = new();

    /// <summary>How many are kept, expired ones that were not swept yet included.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _secrets.Count;
        }
    }

    /// <summary>Issues a secret for a session; sweeps the expired ones.</summary>
    public EphemeralSecret Issue(string deployment, JsonObject session, TimeSpan life)
    {
        var now = time.GetUtcNow();
        var value = Prefix + RandomNumberGenerator.GetHexString(32, lowercase: true);
        // Whole seconds, as the wire says: a secret must not die before the instant that was announced.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((now + life).ToUnixTimeSeconds());
        var secret = new EphemeralSecret(value, deployment, expiresAt, session);
        lock (_gate)
        {
            Sweep(now);
            _secrets.Add(value, secret);
            _byExpiry.Enqueue(value, expiresAt);
        }

        return secret;
    }

    /// <summary>Finds a secret that was issued and is still good.</summary>
    public bool TryFind(string? value, [NotNullWhen(true)] out EphemeralSecret? secret)
    {
        secret = null;
        if (value is null) return false;
        lock (_gate)
        {
            if (!_secrets.TryGetValue(value, out var found) || found.ExpiresAt <= time.GetUtcNow()) return false;
            secret = found;
            return true;
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        while (_byExpiry.TryPeek(out var value, out var expiresAt) && (expiresAt <= now || _secrets.Count >= MaxSecrets))
        {
            _byExpiry.Dequeue();
            _secrets.Remove(value);
        }
    }
}
