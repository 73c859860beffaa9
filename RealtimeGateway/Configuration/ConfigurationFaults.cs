namespace RealtimeGateway.Configuration;

/// <summary>One mistake in the configuration.</summary>
/// <param name="Key">The key; <c>null</c> when a whole file is meant.</param>
/// <param name="Value">The value as it was written, never a credential's.</param>
/// <param name="Rule">What the key or the value breaks.</param>
/// <param name="Source">Where it was written: a file by its name, a variable, the command line.</param>
internal sealed record ConfigurationFault(string? Key, string? Value, string Rule, string? Source = null)
{
    public override string ToString() => (Key, Value) switch
    {
        (null, _) => $"{Source ?? "configuration"}: {Rule}",
        (_, null) => $"{Key}: {Rule}{Origin}",
        _ => $"{Key} = \"{Value}\": {Rule}{Origin}",
    };

    private string Origin => Source is null ? "" : $" ({Source})";

    /// <summary>The same fault, fit to be shown, with the place that it comes from.</summary>
    public ConfigurationFault In(ConfigurationLayers layers) => this with
    {
        Key = Key is null ? null : Redaction.Mask(Key),
        Value = Value is null ? null : Redaction.Mask(Value),
        Rule = Redaction.Mask(Rule),
        Source = Source ?? (Key is null ? null : layers.OriginOf(Key)),
    };
}

/// <summary>Collects every fault of a candidate, so that an operator sees all of them at once.</summary>
internal sealed class ConfigurationFaults
{
    private readonly List<ConfigurationFault> _list = [];

    public IReadOnlyList<ConfigurationFault> List => _list;

    public bool Any => _list.Count > 0;

    public void Add(string key, string rule) => _list.Add(new(key, Value: null, rule));

    public void AddUnknown(string key, IEnumerable<string> known, string? source = null) =>
        _list.Add(new(key, Value: null, $"is not a known key; known here: {string.Join(", ", known)}", source));

    public void AddRange(ConfigurationFaults others) => _list.AddRange(others._list);

    public void Add(string key, string? value, string rule) => _list.Add(new(key, value, rule));
}

/// <summary>The candidate was refused; the message holds every fault, one a line.</summary>
internal sealed class ConfigurationRejectedException(IReadOnlyList<ConfigurationFault> faults)
    : Exception($"The configuration has {faults.Count} fault(s):{string.Concat(faults.Select(fault => $"{Environment.NewLine}  - {fault}"))}")
{
    public IReadOnlyList<ConfigurationFault> Faults => faults;
}
