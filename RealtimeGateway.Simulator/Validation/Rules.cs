using System.Globalization;
using System.Text.Json;

namespace RealtimeGateway.Simulator.Validation;

/// <summary>
/// The vocabulary in which request shapes are written down. Objects are closed: a member that is not listed is refused, as the live
/// service does and as its published schema does not.
/// </summary>
internal static class Rules
{
    public static Rule Text { get; } = OfKind("a string", JsonValueKind.String);

    public static Rule Flag { get; } = OfKind("a boolean", JsonValueKind.True, JsonValueKind.False);

    public static Rule FreeObject { get; } = OfKind("an object", JsonValueKind.Object);

    public static Rule Name { get; } = (value, path) =>
        value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0
            ? null
            : Violation.Invalid(path, "a string that is not empty");

    public static Rule Word(params IReadOnlyList<string> allowed) => (value, path) =>
        value.ValueKind == JsonValueKind.String && allowed.Contains(value.GetString()!)
            ? null
            : Violation.Invalid(path, allowed);

    public static Rule Whole(long min, long max) => (value, path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max
            ? null
            : Violation.Invalid(path, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"));

    public static Rule Number(double min, double max) => (value, path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max
            ? null
            : Violation.Invalid(path, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    public static Rule OrNull(Rule rule) => (value, path) => value.ValueKind == JsonValueKind.Null ? null : rule(value, path);

    /// <summary>A string is held to one rule, anything else to the other.</summary>
    public static Rule TextOr(Rule text, Rule other) => (value, path) =>
        (value.ValueKind == JsonValueKind.String ? text : other)(value, path);

    public static Rule List(Rule item) => (value, path) => value.ValueKind != JsonValueKind.Array
        ? Violation.Invalid(path, "an array")
        : value.EnumerateArray().Select((element, index) => item(element, Indexed(path, index))).FirstOrDefault(found => found is not null);

    /// <summary>An array that is, in any order, one of these sets.</summary>
    public static Rule Sets(params IReadOnlyList<string[]> allowed) => (value, path) =>
        Words(value) is { } words && allowed.Any(set => set.Length == words.Count && set.All(words.Contains))
            ? null
            : Violation.Invalid(path, allowed.Select(set => $"[{string.Join(", ", set)}]"));

    public static Rule Members(params Member[] members)
    {
        var known = members.ToDictionary(member => member.Name, member => member.Rule);
        string[] names = [.. members.Select(member => member.Name)];
        string[] required = [.. members.Where(member => member.Required).Select(member => member.Name)];
        return (value, path) =>
        {
            if (value.ValueKind != JsonValueKind.Object) return Violation.Invalid(path, "an object");
            var missing = required.FirstOrDefault(name => !value.TryGetProperty(name, out _));
            if (missing is not null) return Violation.Missing(Join(path, missing));
            return value.EnumerateObject()
                .Select(member => known.TryGetValue(member.Name, out var rule)
                    ? rule(member.Value, Join(path, member.Name))
                    : Violation.Unknown(Join(path, member.Name), names))
                .FirstOrDefault(found => found is not null);
        };
    }

    /// <summary>An object whose <c>type</c> decides which other members it may have.</summary>
    public static Rule Tagged(params (string Type, Member[] Members)[] cases)
    {
        string[] types = [.. cases.Select(one => one.Type)];
        var shape = cases.ToDictionary(one => one.Type, one => Members([new("type", Text), .. one.Members]));
        var type = Word(types);
        return (value, path) =>
        {
            if (value.ValueKind != JsonValueKind.Object) return Violation.Invalid(path, "an object");
            if (!value.TryGetProperty("type", out var tag)) return Violation.Missing(Join(path, "type"));
            return type(tag, Join(path, "type")) ?? shape[tag.GetString()!](value, path);
        };
    }

    private static Rule OfKind(string expectation, params JsonValueKind[] kinds) => (value, path) =>
        kinds.Contains(value.ValueKind) ? null : Violation.Invalid(path, expectation);

    private static List<string>? Words(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : null;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Indexed(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
