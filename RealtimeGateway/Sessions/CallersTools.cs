using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sessions;

/// <summary>
/// Reads the tools that a profile lets the caller bring. Only functions: an <c>mcp</c> tool would make the service call an address of the caller's
/// choice, with credentials of the caller's choice.
/// </summary>
internal static partial class CallersTools
{
    private const int MaxTools = 64;

    public static (RequestedSession, GatewayError?) Read(JsonElement value, RequestedSession session)
    {
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > MaxTools)
            return (session, GatewayError.InvalidValue.About("tools", $"tools must be a list of at most {MaxTools} function tools."));

        var index = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tool in value.EnumerateArray())
        {
            if (CheckTool(tool, $"tools[{index++}]", names) is { } error)
                return (session, error);
        }

        ReadTexts(value);
        return (session with { Tools = index == 0 ? null : JsonMarshal.GetRawUtf8Value(value).ToArray() }, null);
    }

    // Throws for half a surrogate pair, wherever it hides.
    private static void ReadTexts(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.String)
            value.GetString();
        else if (value.ValueKind is JsonValueKind.Array)
            value.EnumerateArray().ToList().ForEach(ReadTexts);
        else if (value.ValueKind is JsonValueKind.Object)
            value.EnumerateObject().ToList().ForEach(member => ReadTexts(member.Value));
    }

    private static GatewayError? CheckTool(JsonElement tool, string path, HashSet<string> names)
    {
        if (tool.ValueKind is not JsonValueKind.Object || !tool.TryGetProperty("type"u8, out var type)
            || type.ValueKind is not JsonValueKind.String || !type.ValueEquals("function"u8))
            return GatewayError.InvalidValue.About($"{path}.type", "A tool must be of type function.");
        if (!tool.TryGetProperty("name"u8, out var name) || name.ValueKind is not JsonValueKind.String
            || !ToolName().IsMatch(name.GetString()!) || !names.Add(name.GetString()!))
            return GatewayError.InvalidValue.About($"{path}.name", "A tool needs a name of its own: letters, digits, _ and -, 64 at most.");

        foreach (var member in tool.EnumerateObject())
        {
            var allowed = member.Name switch
            {
                "type" or "name" => true,
                "description" => member.Value.ValueKind is JsonValueKind.String && member.Value.GetString() is not null,
                "parameters" => member.Value.ValueKind is JsonValueKind.Object,
                _ => (bool?)null,
            };
            if (allowed is null)
                return GatewayError.FieldNotAllowed.About($"{path}.{member.Name}", "A tool has type, name, description and parameters only.");
            if (allowed is false)
                return GatewayError.InvalidValue.About($"{path}.{member.Name}", $"{member.Name} has a value of the wrong type.");
        }

        return null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z", RegexOptions.None, Patterns.Timeout)]
    private static partial Regex ToolName();
}
