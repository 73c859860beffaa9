using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Callers;

/// <summary>
/// The API keys that callers may hold. A key has 256 random bits, so one plain SHA-256 keeps it: there is nothing to guess that a slow hash
/// would make slower.
/// </summary>
internal sealed class ApiKeys
{
    private const string HashPrefix = "sha256:";

    public static readonly ApiKeys None = new([]);

    private readonly Key[] _keys;

    private ApiKeys(Key[] keys) => _keys = keys;

    public bool Any => _keys.Length > 0;

    /// <summary>The caller with this key; <c>null</c> when there is none, or when the key has expired.</summary>
    public Caller? Find(string credential, DateTimeOffset now)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(credential), hash);
        Key? found = null;
        // Every key is compared, and each in constant time: how long it takes says neither which one matched nor how nearly.
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(key.Hash, hash))
                found = key;
        }

        return found is null || now >= found.Expires ? null : found.Caller;
    }

    public static ApiKeys Read(IReadOnlyDictionary<string, ApiKeyCallerOptions> named, IReadOnlyCollection<string> profiles, byte[] logKey, ConfigurationFaults faults)
    {
        var keys = named.Select(pair => ReadKey(pair.Key, pair.Value, profiles, logKey, faults)).OfType<Key>().ToArray();
        foreach (var twins in keys.GroupBy(key => Convert.ToHexString(key.Hash)).Where(group => group.Count() > 1))
            faults.Add($"{CallersOptions.SectionName}:Keys", $"{string.Join(" and ", twins.Select(key => key.Name))} have the same hash");
        return new(keys);
    }

    private static Key? ReadKey(string name, ApiKeyCallerOptions options, IReadOnlyCollection<string> profiles, byte[] logKey, ConfigurationFaults faults)
    {
        var setting = $"{CallersOptions.SectionName}:Keys:{name}";
        foreach (var unknown in options.Profiles.Except(profiles, StringComparer.OrdinalIgnoreCase))
            faults.Add($"{setting}:{nameof(options.Profiles)}", unknown, "names no profile");
        if (ReadHash(options.Hash) is not { } hash)
        {
            // Never the value: it may be the key itself, in the wrong place.
            faults.Add($"{setting}:{nameof(options.Hash)}", "must be the SHA-256 of a key as 64 hexadecimal digits; the command new-key makes both");
            return null;
        }

        var grant = Access.OfKey(name);
        var identity = string.IsNullOrWhiteSpace(options.Owner) ? grant : $"owner:{options.Owner.Trim()}";
        var own = options.Profiles.Count == 0 ? null : options.Profiles.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        return new(name, hash, options.Expires ?? DateTimeOffset.MaxValue, new Caller(identity, [grant], own, logKey));
    }

    private static byte[]? ReadHash(string? text)
    {
        var digits = (text ?? "").Trim();
        if (digits.StartsWith(HashPrefix, StringComparison.OrdinalIgnoreCase))
            digits = digits[HashPrefix.Length..];
        return digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    private sealed record Key(string Name, byte[] Hash, DateTimeOffset Expires, Caller Caller);
}
