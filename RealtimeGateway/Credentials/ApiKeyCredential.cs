using System.Diagnostics;

namespace RealtimeGateway.Credentials;

/// <summary>
/// One or two API keys of a resource. A destination that answers 401 to one is sent the other, so that an operator can replace the keys one after the other
/// while calls are minted. What one destination refuses another may take, so each has a credential of its own over the same keys.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class ApiKeyCredential : ICredential
{
    public const string HeaderName = "api-key";

    private readonly ApiKeyRing _ring;
    private readonly Lock _lock = new();
    private volatile Proof[] _refused; // by this destination; the last one at the end

    /// <param name="name">The credential's name in configuration.</param>
    /// <param name="values">The primary key and, if there is one, the secondary.</param>
    /// <param name="previous">The credential of that name until now; a key that stays keeps what was learnt about it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Tells the operator which key is in use.</param>
    public ApiKeyCredential(string name, IReadOnlyList<string> values, ApiKeyCredential? previous, TimeProvider time, ILogger logger)
        : this(new(name, values, previous?._ring, time, logger), [])
    {
    }

    private ApiKeyCredential(ApiKeyRing ring, Proof[] refused) => (_ring, _refused) = (ring, refused);

    public string Name => _ring.Name;

    public IReadOnlyList<string> States => ApiKeyRing.States;

    /// <summary>Whether it has these keys, in this order.</summary>
    public bool Has(IReadOnlyList<string> values) => _ring.Has(values);

    public ICredential For(ICredential? previous)
    {
        if (previous is not ApiKeyCredential known)
            return new ApiKeyCredential(_ring, []);
        return known._ring == _ring ? known : new ApiKeyCredential(_ring, [.. known._refused.Intersect(_ring.Proofs)]);
    }

    public ValueTask<Proof> CurrentAsync(CancellationToken cancellation)
    {
        var (current, refused) = (_ring.Current, _refused);
        return new(refused.Contains(current) ? OtherThan(refused) : current);
    }

    public bool TryTurnFrom(Proof refused)
    {
        _ring.TurnFrom(refused);
        lock (_lock)
        {
            _refused = [.. _refused.Where(proof => proof != refused), refused];
            return !HasRefusedAll;
        }
    }

    public void Accepted(Proof proof)
    {
        _ring.Accepted(proof);
        if (_refused.Contains(proof)) // or, nearly always, there is nothing to learn
            Heal(proof);
    }

    public CredentialReport Report() => _ring.Report();

    public override string ToString() => $"{Name}: ***";

    private bool HasRefusedAll => _ring.Proofs.All(_refused.Contains);

    // When all are refused they take turns, so that the one that is mended first is found.
    private Proof OtherThan(Proof[] refused) => _ring.Proofs.Except(refused).FirstOrDefault() ?? refused[0];

    // A late answer does not bring back a key that was refused since.
    private void Heal(Proof proof)
    {
        lock (_lock)
        {
            if (HasRefusedAll)
                _refused = [.. _refused.Where(refused => refused != proof)];
        }
    }
}
