namespace RealtimeGateway.Configuration;

/// <summary>One mistake in the configuration: the key, the value as it was written (never a credential's) and the rule that it breaks.</summary>
internal sealed record ConfigurationFault(string Key, string? Value, string Rule)
{
    public override string ToString() => Value is null ? $"{Key}: {Rule}" : $"{Key} = \"{Value}\": {Rule}";
}

/// <summary>Collects every fault of a candidate, so that an operator sees all of them at once.</summary>
internal sealed class ConfigurationFaults
{
    private readonly List<ConfigurationFault> _list = [];

    public IReadOnlyList<ConfigurationFault> List => _list;

    public bool Any => _list.Count > 0;

    public void Add(string key, string rule) => _list.Add(new(key, Value: null, rule));

    public void AddUnknown(string key, IEnumerable<string> known) => Add(key, $"is not a known key; known here: {string.Join(", ", known)}");

    public void AddRange(ConfigurationFaults others) => _list.AddRange(others._list);

    public void Add(string key, string? value, string rule) => _list.Add(new(key, value, rule));
}

/// <summary>The candidate was refused; the message holds every fault, one a line.</summary>
internal sealed class ConfigurationRejectedException(IReadOnlyList<ConfigurationFault> faults)
    : Exception($"The configuration has {faults.Count} fault(s):{string.Concat(faults.Select(fault => $"{Environment.NewLine}  - {fault}"))}");
