using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Commands;

/// <summary>One setting as it counts, fit to be shown.</summary>
/// <param name="Key">Sections separated by colons.</param>
/// <param name="Value">The value, or a mark in place of what may be a secret.</param>
/// <param name="Source">Where it comes from; <c>default</c> when nobody set it.</param>
internal sealed partial record EffectiveSetting(string Key, string Value, string Source)
{
    private const int MinSecret = 8;

    /// <summary>Every setting of the gateway and of the framework, sorted. What else stands in the environment is not shown.</summary>
    public static IEnumerable<EffectiveSetting> AllIn(ConfigurationLayers layers)
    {
        var given = layers.Root.AsEnumerable()
            .Where(pair => pair.Value is not null && pair.Key is not "$schema" && KnownSections.IsTopLevel(pair.Key.Split(':')[0]))
            .ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.OrdinalIgnoreCase);
        var secrets = given.Where(pair => pair.Value.Length >= MinSecret && IsSecret(pair.Key)).Select(pair => pair.Value).ToArray();
        return given.Select(pair => new EffectiveSetting(Redaction.Mask(pair.Key), Show(pair.Key, pair.Value, secrets), layers.OriginOf(pair.Key) ?? "host"))
            .Concat(DefaultsBeside(given))
            .OrderBy(setting => setting.Key, StringComparer.Ordinal);
    }

    private static IEnumerable<EffectiveSetting> DefaultsBeside(Dictionary<string, string> given) =>
        from section in given.Keys.SelectMany(Ancestors).Concat(KnownSections.Own.Keys).Distinct(StringComparer.OrdinalIgnoreCase)
        let type = KnownSections.TypeOf(section)
        where KnownSections.IsOptions(type)
        let defaults = Activator.CreateInstance(type)
        from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
        let key = $"{section}:{property.Name}"
        where property.CanWrite && !given.ContainsKey(key) && KnownSections.IsValue(property.PropertyType)
        let value = property.GetValue(defaults)
        where value is not null
        select new EffectiveSetting(Redaction.Mask(key), Write(value), "default");

    private static string Write(object value) => value is Enum word ? WireName.Of(word) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static IEnumerable<string> Ancestors(string key)
    {
        while (ConfigurationPath.GetParentPath(key) is { } parent)
            yield return key = parent;
    }

    /// <summary>The value, unless it stands where a secret may stand, where nothing should stand, or looks like one.</summary>
    private static string Show(string key, string value, string[] secrets)
    {
        var isOwn = KnownSections.IsOwn(key);
        var type = isOwn ? KnownSections.TypeOf(key) : null;
        if (type is { IsValueType: true } && SectionReader.Reads(type, value))
            return value; // a number, a flag, a time or a word: no secret fits in
        if ((isOwn && !KnownSections.IsValue(type)) || IsSecret(key) || (Place().IsMatch(key) && !value.Contains("://", StringComparison.Ordinal)))
            return Redaction.Mark;
        return secrets.Any(secret => value.Contains(secret, StringComparison.Ordinal)) ? Redaction.Mark : Redaction.Mask(value).ReplaceLineEndings(" ");
    }

    private static bool IsSecret(string key) => Secret().IsMatch(key) && !key.Equals("Redis:KeyPrefix", StringComparison.OrdinalIgnoreCase);

    // The last word decides, or the section. What a transform sets or a route looks for in a header may be a key of somebody else's service.
    [GeneratedRegex(
        @"^(Credentials|ConnectionStrings):|(secret|password|pwd|key|token|connection|hash|OTLP_\w*HEADERS)[^:]*(:\d+)*$" +
        @"|:Transforms:\d+:(Set|Append)$|:Match:\w+:\d+:Values:\d+$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Patterns.Timeout)]
    private static partial Regex Secret();

    /// <summary>Where an address belongs; anything else there may be a key in the wrong place.</summary>
    [GeneratedRegex("(Address|Endpoint|Url|Urls|Authority)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Patterns.Timeout)]
    private static partial Regex Place();
}
