using System.Collections.Frozen;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Callers;

/// <summary>
/// Who may use a route or a profile: its list <c>AllowedFor</c>. Without a list it is for every caller that proved who it is, and for
/// anonymous ones only where the gateway was opened to them as a whole.
/// </summary>
internal sealed class Access
{
    public const string SettingName = "AllowedFor";
    private const string AnonymousWord = "anonymous";
    private const string KeyPrefix = "key:";

    private readonly FrozenSet<string>? _allowed;
    private readonly bool _admitsAnonymous;
    private readonly bool _hasProfile;

    private Access(FrozenSet<string>? allowed, bool admitsAnonymous, bool hasProfile = true) => (_allowed, _admitsAnonymous, _hasProfile) = (allowed, admitsAnonymous, hasProfile);

    /// <summary>Whether every caller is admitted that may call the gateway at all, so that nothing is given away by naming it.</summary>
    public bool IsForEveryCaller => _allowed is null;

    public bool Admits(Caller caller) => _allowed is not null
        ? caller.HasAny(_allowed)
        : _admitsAnonymous || (!caller.IsAnonymous && (_hasProfile || !caller.IsHeldToProfiles));

    /// <summary>Whether the list names this scope, role or key.</summary>
    public bool Names(string grant) => _allowed?.Contains(grant) is true;

    /// <summary>The same for what no profile has a say in: a key that may use certain profiles only has to be named.</summary>
    public Access WithoutProfile() => new(_allowed, _admitsAnonymous, hasProfile: false);

    /// <summary>For whoever may call the gateway at all.</summary>
    public static Access ForEveryCaller(bool admitsAnonymous) => new(allowed: null, admitsAnonymous);

    /// <summary>How a list names the key <paramref name="name"/>.</summary>
    public static string OfKey(string name) => KeyPrefix + name.ToLowerInvariant();

    /// <summary>Reads a list of <c>anonymous</c>, <c>scope:NAME</c>, <c>role:NAME</c> and <c>key:NAME</c>; one of them is enough.</summary>
    public static Access Read(string setting, IReadOnlyCollection<string> list, CallerSchemes callers, ConfigurationFaults faults)
    {
        if (list.Count == 0)
            return callers.Default;
        string[] entries = [.. list.Select(entry => entry.StartsWith(KeyPrefix, StringComparison.Ordinal) ? entry.ToLowerInvariant() : entry)];
        foreach (var entry in entries)
        {
            if (!IsKnown(entry))
                faults.Add(setting, entry, $"must be {AnonymousWord}, scope:NAME, role:NAME or key:NAME");
            else if (entry.StartsWith(KeyPrefix, StringComparison.Ordinal) && !callers.KeyNames.Contains(entry))
                faults.Add(setting, entry, $"names no entry of section {CallersOptions.SectionName}:Keys");
        }

        var isOpen = entries.Contains(AnonymousWord);
        return new(isOpen ? null : entries.ToFrozenSet(StringComparer.Ordinal), isOpen);
    }

    private static bool IsKnown(string entry) => entry is AnonymousWord || entry.Split(':', 2) is ["scope" or "role" or "key", { Length: > 0 }];
}
