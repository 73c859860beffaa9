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

    private readonly FrozenSet<string> _allowed;
    private readonly bool _everybody;
    private readonly bool _admitsAnonymous;

    private Access(FrozenSet<string> allowed, bool everybody, bool admitsAnonymous) =>
        (_allowed, _everybody, _admitsAnonymous) = (allowed, everybody, admitsAnonymous);

    /// <summary>For whoever may call the gateway at all.</summary>
    public static Access Default(bool admitsAnonymous) => new([], everybody: true, admitsAnonymous);

    public bool Admits(Caller caller) => caller.IsAnonymous ? _admitsAnonymous : _everybody || caller.HasAny(_allowed);

    /// <summary>Reads a list; a key that it names must be one of <paramref name="keys"/>.</summary>
    public static Access Read(string setting, IReadOnlyCollection<string> allowedFor, bool admitsAnonymous, IReadOnlySet<string> keys, ConfigurationFaults faults)
    {
        if (allowedFor.Count == 0)
            return Default(admitsAnonymous);
        foreach (var entry in allowedFor.Where(entry => !IsKnown(entry)))
            faults.Add(setting, entry, $"must be {AnonymousWord}, scope:NAME, role:NAME or key:NAME");
        foreach (var entry in allowedFor.Where(entry => entry.StartsWith(KeyPrefix, StringComparison.Ordinal) && !keys.Contains(entry[KeyPrefix.Length..])))
            faults.Add(setting, entry, "names no entry of section Callers:Keys");
        var isOpen = allowedFor.Contains(AnonymousWord);
        return new(allowedFor.ToFrozenSet(StringComparer.Ordinal), everybody: isOpen, admitsAnonymous: isOpen);
    }

    private static bool IsKnown(string entry) => entry is AnonymousWord
        || entry.Split(':', 2) is ["scope" or "role" or "key", { Length: > 0 }];
}
