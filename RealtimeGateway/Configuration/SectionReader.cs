using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace RealtimeGateway.Configuration;

/// <summary>
/// Reads a section into an options class and checks its data annotations. Unlike the framework's binder it does not stop at the first
/// mistake: an unknown key, a value of the wrong type and a broken rule each become a <see cref="ConfigurationFault"/> with its full key.
/// Runs when a configuration is loaded, never for a request.
/// </summary>
internal static class SectionReader
{
    public static T Read<T>(IConfigurationSection section, ConfigurationFaults faults)
        where T : class, new() => (T)ReadObject(typeof(T), section, faults);

    /// <summary>Reads <c>{section}:{name}</c> for every name.</summary>
    public static Dictionary<string, T> ReadNamed<T>(IConfigurationSection section, ConfigurationFaults faults)
        where T : class, new()
    {
        CheckIsGroup(section, faults);
        return section.GetChildren().ToDictionary(child => child.Key, child => Read<T>(child, faults), StringComparer.OrdinalIgnoreCase);
    }

    private static object ReadObject(Type type, IConfigurationSection section, ConfigurationFaults faults)
    {
        var target = Activator.CreateInstance(type)!;
        CheckIsGroup(section, faults);
        var properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite).ToArray();
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(properties, property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                faults.AddUnknown(child.Path, properties.Select(known => known.Name));
            else if (TryReadValue(property.PropertyType, child, faults, out var value))
                property.SetValue(target, value ?? property.GetValue(target));
            else
                properties = [.. properties.Where(other => other != property)]; // one fault for one value
        }

        foreach (var property in properties)
            CheckRules(property, property.GetValue(target), $"{section.Path}:{property.Name}", faults);
        return target;
    }

    private static void CheckIsGroup(IConfigurationSection section, ConfigurationFaults faults)
    {
        if (!string.IsNullOrEmpty(section.Value))
            faults.Add(section.Path, "must be a group of keys, not one value"); // the value may be a credential in the wrong place
    }

    private static bool TryReadValue(Type type, IConfigurationSection section, ConfigurationFaults faults, out object? value)
    {
        if (type == typeof(IConfigurationSection))
        {
            value = section;
            return true;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
            return TryReadList(type, section, faults, out value);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            return TryReadNamed(type, section, faults, out value);
        if (TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)))
            return TryReadScalar(Nullable.GetUnderlyingType(type) ?? type, section, faults, out value);

        value = ReadObject(type, section, faults);
        return true;
    }

    private static bool TryReadList(Type type, IConfigurationSection section, ConfigurationFaults faults, out object? value)
    {
        var list = (IList)Activator.CreateInstance(type)!;
        value = list;
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.Add(section.Path, section.Value, "must be a list");
            return false;
        }

        foreach (var child in section.GetChildren())
        {
            if (TryReadValue(type.GetGenericArguments()[0], child, faults, out var item))
                list.Add(item);
        }

        return true;
    }

    private static bool TryReadNamed(Type type, IConfigurationSection section, ConfigurationFaults faults, out object? value)
    {
        var named = (IDictionary)Activator.CreateInstance(type, StringComparer.OrdinalIgnoreCase)!;
        value = named;
        CheckIsGroup(section, faults);
        foreach (var child in section.GetChildren())
        {
            if (TryReadValue(type.GetGenericArguments()[1], child, faults, out var item))
                named.Add(child.Key, item);
        }

        return true;
    }

    private static bool TryReadScalar(Type type, IConfigurationSection section, ConfigurationFaults faults, out object? value)
    {
        value = null;
        if (section.GetChildren().Any())
        {
            faults.Add(section.Path, $"must be {Describe(type)}, not a group of keys");
            return false;
        }

        // A variable that an image sets can be emptied and not taken away.
        if (section.Value is not { } text || (text.Length == 0 && (type.IsPrimitive || type == typeof(TimeSpan))))
            return true;

        if (TryConvert(type, text, out value))
            return true;
        faults.Add(section.Path, text, $"must be {Describe(type)}");
        return false;
    }

    /// <summary>Whether the text can be read as a value of this type.</summary>
    public static bool Reads(Type type, string text) => TryConvert(type, text, out _);

    private static bool TryConvert(Type type, string text, out object? value)
    {
        try
        {
            value = type.IsEnum
                ? Enum.GetValues(type).Cast<Enum>().First(member => WireName.Of(member).Equals(text, StringComparison.OrdinalIgnoreCase))
                : TypeDescriptor.GetConverter(type).ConvertFromString(context: null, CultureInfo.InvariantCulture, text);
            return true;
        }
        // The framework's converters wrap what went wrong in bare exceptions of several types.
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            value = null;
            return false;
        }
    }

    private static void CheckRules(PropertyInfo property, object? value, string key, ConfigurationFaults faults)
    {
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (!rule.IsValid(value))
                faults.Add(key, value is null or ICollection ? null : Convert.ToString(value, CultureInfo.InvariantCulture), Describe(rule));
        }
    }

    private static string Describe(ValidationAttribute rule) => rule switch
    {
        { ErrorMessage: { } message } => message,
        RequiredAttribute => "is required",
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"must be between {range.Minimum} and {range.Maximum}"),
        MinLengthAttribute length => $"needs at least {length.Length} entries",
        RegularExpressionAttribute pattern => $"must match {pattern.Pattern}",
        _ => rule.FormatErrorMessage("the value"),
    };

    /// <summary>What a value of this type must be, in words.</summary>
    public static string Describe(Type type) => type switch
    {
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetValues(type).Cast<Enum>().Select(WireName.Of)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(DateTimeOffset) => "a moment such as 2030-12-31T00:00:00Z",
        _ when type == typeof(TimeSpan) => "a time span such as 00:01:00",
        _ when type == typeof(Version) => "a version such as 2",
        _ when type == typeof(Uri) => "an absolute address",
        _ => "a text",
    };
}
