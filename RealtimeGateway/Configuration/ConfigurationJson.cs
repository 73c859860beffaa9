using System.Globalization;
using System.Text.Json;

namespace RealtimeGateway.Configuration;

/// <summary>
/// Turns a section back into the JSON it was written as. Configuration keeps only texts, so the types are read off the values: <c>true</c>,
/// <c>false</c> and numbers become what they look like, keys 0, 1, 2… an array, an empty group an empty object. Where that is not
/// exact enough (an <c>enum</c> of digits, say) the operator writes the section as one JSON text instead.
/// </summary>
internal static class ConfigurationJson
{
    /// <summary>What is wrong with a section that must be a JSON object; <c>null</c> when nothing is.</summary>
    public static string? Explain(IConfigurationSection section)
    {
        if (string.IsNullOrEmpty(section.Value))
            return null;

        try
        {
            using var json = JsonDocument.Parse(section.Value);
            return json.RootElement.ValueKind is JsonValueKind.Object ? null : "must be a JSON object";
        }
        catch (JsonException e)
        {
            return $"is not valid JSON: {e.Message}";
        }
    }

    /// <summary>Writes the section as a JSON object; its value, when it has one, is JSON already.</summary>
    public static void Write(IConfigurationSection section, Utf8JsonWriter writer)
    {
        if (string.IsNullOrEmpty(section.Value))
            WriteGroup(section, writer);
        else
            writer.WriteRawValue(section.Value);
    }

    private static void WriteValue(IConfigurationSection section, Utf8JsonWriter writer)
    {
        if (section.Value is { } text && !section.GetChildren().Any())
            WriteScalar(section.Key, text, writer);
        else
            WriteGroup(section, writer);
    }

    private static void WriteGroup(IConfigurationSection section, Utf8JsonWriter writer)
    {
        var children = section.GetChildren().ToArray();
        var isArray = children.Length > 0 && children.Select((child, index) => child.Key == index.ToString(CultureInfo.InvariantCulture)).All(same => same);
        if (isArray)
            writer.WriteStartArray();
        else
            writer.WriteStartObject();
        foreach (var child in children)
        {
            if (!isArray)
                writer.WritePropertyName(child.Key);
            WriteValue(child, writer);
        }

        if (isArray)
            writer.WriteEndArray();
        else
            writer.WriteEndObject();
    }

    private static void WriteScalar(string key, string text, Utf8JsonWriter writer)
    {
        if (bool.TryParse(text, out var flag))
            writer.WriteBooleanValue(flag);
        else if (IsNumber(text))
            writer.WriteRawValue(text);
        else if (text.Length == 0 && key is "required" or "enum")
            writer.WriteRawValue("[]"); // how the framework's JSON reader keeps an empty array
        else
            writer.WriteStringValue(text);
    }

    private static bool IsNumber(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false; // a text
        }
    }
}
