using System.Diagnostics;

namespace RealtimeGateway.Credentials;

/// <summary>
/// The keys of one credential, and which of them is the current one: a 401 from one destination makes the other current for all, so that after a rotation
/// not every one of them has to refuse the old key.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed partial class ApiKeyRing
{
    public static readonly string[] States = [Primary, Secondary, Refused];

    private const string Primary = "primary";
    private const string Secondary = "secondary";
    private const string Refused = "refused";

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ApiKey[] _keys;
    private volatile ApiKey _current;
    private DateTimeOffset? _since;

    /// <param name="name">The credential's name in configuration.</param>
    /// <param name="values">The primary key and, if there is one, the secondary.</param>
    /// <param name="previous">The keys of that name until now; a key that stays keeps what was learnt about it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Tells the operator which key is in use.</param>
    public ApiKeyRing(string name, IReadOnlyList<string> values, ApiKeyRing? previous, TimeProvider time, ILogger logger)
    {
        (Name, _time, _logger) = (name, time, logger);
        _keys = [.. values.Select(value => Array.Find(previous?._keys ?? [], key => key.Is(value)) ?? new ApiKey(value))];
        Proofs = Array.ConvertAll(_keys, key => key.Proof);
        _current = Array.Find(_keys, key => !key.IsRefused) ?? _keys[0];
        if (previous?.Report() is { } before)
            _since = before.State == State ? before.Since : time.GetUtcNow();
    }

    public string Name { get; }

    public Proof Current => _current.Proof;

    public IReadOnlyList<Proof> Proofs { get; }

    private string State => Array.TrueForAll(_keys, key => key.IsRefused) ? Refused : RoleOf(_current);

    /// <summary>Whether it has these keys, in this order.</summary>
    public bool Has(IReadOnlyList<string> values) => _keys.Length == values.Count && _keys.Zip(values).All(pair => pair.First.Is(pair.Second));

    /// <summary>A destination answered 401 to this proof.</summary>
    public void TurnFrom(Proof refused)
    {
        lock (_lock)
        {
            if (refused == _current.Proof) // or others have turned from it already
                Turn();
        }
    }

    /// <summary>A destination took this proof.</summary>
    public void Accepted(Proof proof)
    {
        if (_current.IsRefused) // or, nearly always, there is nothing to learn; a late answer does not bring back a key that was refused since
            Heal(proof);
    }

    public CredentialReport Report()
    {
        lock (_lock)
            return new(Name, State, _since);
    }

    public override string ToString() => $"{Name}: ***";

    // When both are refused they still take turns, so that the one that is mended first is found.
    private void Turn()
    {
        var (before, refused) = (State, _current);
        refused.IsRefused = true;
        _current = Array.Find(_keys, key => !key.IsRefused) ?? Array.Find(_keys, key => key != refused) ?? refused;
        if (State == before)
            return;

        _since = _time.GetUtcNow();
        if (State == Refused)
            Log.NoneLeft(_logger, Name, RoleOf(refused));
        else
            Log.Turned(_logger, Name, RoleOf(refused), RoleOf(_current));
    }

    private void Heal(Proof proof)
    {
        lock (_lock)
        {
            if (!_current.IsRefused || Array.Find(_keys, key => key.Proof == proof) is not { } key)
                return;
            key.IsRefused = false;
            _current = key;
            _since = _time.GetUtcNow();
            Log.Healed(_logger, Name, RoleOf(key));
        }
    }

    private string RoleOf(ApiKey key) => key == _keys[0] ? Primary : Secondary;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Credential {Credential}: a destination answered 401 to the {Refused} key, the {Current} key is used from now on")]
        public static partial void Turned(ILogger logger, string credential, string refused, string current);

        [LoggerMessage(2, LogLevel.Error, "Credential {Credential}: a destination answered 401 to the {Refused} key, and there is no key left that has not been refused")]
        public static partial void NoneLeft(ILogger logger, string credential, string refused);

        [LoggerMessage(3, LogLevel.Information, "Credential {Credential}: the {Key} key is accepted again")]
        public static partial void Healed(ILogger logger, string credential, string key);
    }
}
