using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RealtimeGateway.Tests.Configuration;

/// <summary>
/// The JSON Schema of the settings file, as the classes have it that the file is read into. Draft 7, which every editor knows. Nothing is required in
/// it: any value may come from another file or a variable.
/// </summary>
internal static class SettingsSchema
{
    private const string Time = @"^-?(\d+|(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?)$";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What a route of YARP could say and the gateway refuses.
    private static readonly string[] Refused = ["AuthorizationPolicy", "OutputCachePolicy", "RateLimiterPolicy", "Timeout", "TimeoutPolicy"];

    public static string Write()
    {
        var properties = new JsonObject();
        foreach (var (path, type) in KnownSections.Own.OrderBy(section => section.Key, StringComparer.Ordinal))
            Place(properties, path.Split(':'), Describe(type, Words.Of(path) ?? Summary(type)));
        foreach (var name in KnownSections.Framework)
            properties[name] = Words.Of(name) is { } text ? new JsonObject { ["description"] = text } : new JsonObject();
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Settings of RealtimeGateway",
            ["type"] = "object",
            ["properties"] = Sorted(properties),
            ["patternProperties"] = new JsonObject { [$"^{KnownSections.OpenTelemetry}"] = new JsonObject { ["type"] = "string" } },
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static void Place(JsonObject properties, string[] path, JsonObject described)
    {
        if (path is [var only])
        {
            properties[only] = described;
            return;
        }

        var section = properties[path[0]] ??= new JsonObject
        {
            ["type"] = "object",
            ["description"] = Words.Of(path[0]),
            ["properties"] = new JsonObject(),
            ["additionalProperties"] = false,
        };
        Place(section["properties"]!.AsObject(), path[1..], described);
    }

    private static JsonObject Describe(Type declared, string? description)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var schema = type switch
        {
            _ when type == typeof(string) || type == typeof(Version) || type == typeof(Uri) || type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string" },
            _ when type == typeof(bool) => new() { ["type"] = "boolean" },
            _ when type == typeof(int) || type == typeof(long) => new() { ["type"] = "integer" },
            _ when type == typeof(double) => new() { ["type"] = "number" },
            _ when type == typeof(TimeSpan) => new() { ["type"] = "string", ["pattern"] = Time },
            _ when type == typeof(IConfigurationSection) => new() { ["type"] = Types("object", "string") },
            { IsEnum: true } => DescribeWords(type),
            _ when ItemOf(type) is { } item && IsNamed(type) => new() { ["type"] = "object", ["additionalProperties"] = Describe(item, IsOwn(item) ? null : Summary(item)) },
            _ when ItemOf(type) is { } item => new() { ["type"] = "array", ["items"] = Describe(item, description: null) },
            _ => DescribeClass(type),
        };
        if (description is { Length: > 0 })
            schema.Insert(0, "description", description);
        return schema;
    }

    private static JsonObject DescribeWords(Type type)
    {
        var members = Enum.GetValues(type).Cast<Enum>().ToArray();
        var words = new JsonArray([.. members.Select(member => (JsonNode)(IsOwn(type) ? WireName.Of(member) : member.ToString()))]);
        if (ProxySection.IsFlags(type))
            return new() { ["type"] = "array", ["items"] = new JsonObject { ["enum"] = words } };
        var described = members.Select(member => Documentation.Of($"F:{type.FullName}.{member}")).ToArray();
        return described.All(text => text is not null)
            ? new() { ["enum"] = words, ["enumDescriptions"] = new JsonArray([.. described.Select(text => (JsonNode)text!)]) }
            : new() { ["enum"] = words };
    }

    private static JsonObject DescribeClass(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        var properties = new JsonObject();
        foreach (var property in ProxySection.PropertiesOf(type).Where(property => type != typeof(RouteConfig) || !Refused.Contains(property.Name)))
            properties[property.Name] = DescribeProperty(property, property.GetValue(defaults));
        return new() { ["type"] = "object", ["properties"] = Sorted(properties), ["additionalProperties"] = false };
    }

    private static JsonObject DescribeProperty(PropertyInfo property, object? value)
    {
        if (property is { Name: nameof(RouteConfig.Transforms) } && property.DeclaringType == typeof(RouteConfig))
            return Transforms();
        if (property is { Name: nameof(RouteConfig.Metadata) } && MetadataOf(property.DeclaringType!) is { } known)
            return Metadata(property.DeclaringType!, known);
        var schema = Describe(property.PropertyType, string.Join(' ', Sentences(property).OfType<string>()));
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            Constrain(schema, rule);
        if (Default(value) is { } fallback)
            schema["default"] = fallback;
        return schema;
    }

    private static IEnumerable<string?> Sentences(PropertyInfo property)
    {
        yield return Documentation.Of($"P:{property.DeclaringType!.FullName}.{property.Name}") ?? Words.Of($"{property.DeclaringType.Name}.{property.Name}")
            ?? Summary(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        if (property.IsDefined(typeof(RequiredAttribute)))
            yield return "Required.";
        if (property.GetCustomAttribute<RangeAttribute>() is { Minimum: string from, Maximum: string to })
            yield return $"{from} to {to}.";
    }

    private static void Constrain(JsonObject schema, ValidationAttribute rule)
    {
        switch (rule)
        {
            case RangeAttribute { Minimum: int or double } range:
                schema["minimum"] = JsonValue.Create(Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture));
                schema["maximum"] = JsonValue.Create(Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
                break;
            case RegularExpressionAttribute { Pattern: var pattern }:
                schema["pattern"] = pattern;
                break;
            case MinLengthAttribute { Length: var length }:
                schema[schema["items"] is null ? "minLength" : "minItems"] = length;
                break;
        }
    }

    private static JsonNode? Default(object? value) => value switch
    {
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        string text => JsonValue.Create(text),
        TimeSpan time => JsonValue.Create(time.ToString("c", CultureInfo.InvariantCulture)),
        Enum word when IsOwn(word.GetType()) => JsonValue.Create(WireName.Of(word)),
        _ => null,
    };

    private static string[]? MetadataOf(Type type) =>
        type == typeof(RouteConfig) ? RouteSettings.KnownMetadata
        : type == typeof(ClusterConfig) ? ClusterRules.KnownMetadata
        : type == typeof(DestinationConfig) ? DestinationReader.KnownMetadata
        : null;

    private static JsonObject Metadata(Type owner, string[] known) => new()
    {
        ["type"] = "object",
        ["properties"] = Sorted(new(known.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject
        {
            ["description"] = Words.Of($"{owner.Name}.{nameof(RouteConfig.Metadata)}.{name}")
                ?? throw new InvalidOperationException($"Metadata {name} of {owner.Name} has no description in {nameof(Words)}."),
            ["type"] = Types("string", "number"),
        })))),
        ["additionalProperties"] = false,
    };

    /// <summary>Every word of every transform, YARP's and the gateway's own: the constants of the factories that know them.</summary>
    private static JsonObject Transforms() => new()
    {
        ["type"] = "array",
        ["items"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = Sorted(new(
                from factory in typeof(RouteConfig).Assembly.GetTypes().Concat(typeof(RouteSettings).Assembly.GetTypes())
                where factory.IsClass && typeof(ITransformFactory).IsAssignableFrom(factory)
                from field in factory.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                where field.FieldType == typeof(string) && field.Name.EndsWith("Key", StringComparison.Ordinal)
                group factory by (string)field.GetValue(null)! into word
                select KeyValuePair.Create(word.Key, (JsonNode?)DescribeTransform(word.Key, word.Any(IsOwn))))),
            ["additionalProperties"] = false,
        },
    };

    private static JsonObject DescribeTransform(string word, bool isOwn) => isOwn
        ? new()
        {
            ["description"] = Words.Of($"Transforms.{word}") ?? throw new InvalidOperationException($"Transform {word} has no description in {nameof(Words)}."),
            ["type"] = "string",
        }
        : new() { ["type"] = Types("string", "boolean", "number") };

    private static bool IsOwn(Type type) => type.Namespace?.StartsWith("RealtimeGateway", StringComparison.Ordinal) is true;

    private static Type? ItemOf(Type type) => type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[^1] : null;

    private static bool IsNamed(Type type) => type.GetGenericArguments().Length == 2;

    // "Section X: what it is for" says nothing new where X stands.
    private static string? Summary(Type type) => Documentation.Of($"T:{(ItemOf(type) ?? type).FullName}") is not { } text ? null
        : text.StartsWith("Section ", StringComparison.Ordinal) && text.Split(": ", 2) is [_, var rest] ? char.ToUpperInvariant(rest[0]) + rest[1..]
        : text;

    private static JsonArray Types(params string[] names) => new([.. names.Select(name => (JsonNode)name)]);

    private static JsonObject Sorted(JsonObject members) => new(members
        .OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
}
