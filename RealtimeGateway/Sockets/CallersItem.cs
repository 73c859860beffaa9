using System.Collections.Frozen;
using System.Text.Json;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// An item that a caller adds to the conversation. A message of role <c>system</c> is an instruction; items of <c>mcp</c> would approve calls to
/// third parties; an image by address would make the service fetch it.
/// </summary>
internal static class CallersItem
{
    private static readonly string[] Common = ["id", "object", "type", "status"];

    private static readonly FrozenDictionary<string, string[]> Items = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["message"] = [.. Common, "role", "content"],
        ["function_call"] = [.. Common, "call_id", "name", "arguments"],
        ["function_call_output"] = [.. Common, "call_id", "output"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string[]> Parts = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["input_text"] = ["type", "text"],
        ["input_audio"] = ["type", "audio", "transcript"],
        ["input_image"] = ["type", "image_url", "detail"],
        ["output_text"] = ["type", "text"],
        ["output_audio"] = ["type", "audio", "transcript"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly string[] Reference = ["id", "type"];

    public static GatewayError? Copy(JsonProperty item, RequestedSession session, Utf8JsonWriter writer)
    {
        if (Check(item.Value, item.Name, session, mayRefer: false) is { } error)
            return error;
        item.WriteTo(writer);
        return null;
    }

    /// <param name="mayRefer">Whether it may be a reference to an item that the conversation has.</param>
    public static GatewayError? Check(JsonElement item, string path, RequestedSession session, bool mayRefer)
    {
        var type = TypeOf(item);
        var members = mayRefer && type is "item_reference" ? Reference : Items.GetValueOrDefault(type);
        if (members is null)
            return GatewayError.InvalidValue.About($"{path}.type", $"{path}.type must be one of: {string.Join(", ", Items.Keys.Order(StringComparer.Ordinal))}.");

        // Without one, who speaks would be for the service to guess.
        if (type is "message" && !item.TryGetProperty("role"u8, out var _))
            return NoRole(path);
        foreach (var member in item.EnumerateObject())
        {
            var error = member.Name switch
            {
                var name when !members.Contains(name) => GatewayError.FieldNotAllowed.About($"{path}.{name}", "An item of this type does not have such a member."),
                "role" => CheckRole(member.Value, path, session),
                "content" => CheckContent(member.Value, path),
                _ => CheckText(member, path),
            };
            if (error is not null)
                return error;
        }

        return null;
    }

    private static GatewayError? CheckRole(JsonElement role, string path, RequestedSession session) =>
        (role.ValueKind is JsonValueKind.String ? role.GetString() : null) switch
        {
            "user" or "assistant" => null,
            "system" when session.Profile.ClientMaySet.Contains(SessionMember.Instructions) => null,
            "system" => GatewayError.FieldNotAllowed.About($"{path}.role", "A message of role system is an instruction, and instructions may not be set here."),
            _ => NoRole(path),
        };

    private static GatewayError NoRole(string path) => GatewayError.InvalidValue.About($"{path}.role", "role must be one of: user, assistant, system.");

    private static GatewayError? CheckContent(JsonElement content, string path)
    {
        if (content.ValueKind is not JsonValueKind.Array)
            return GatewayError.InvalidValue.About($"{path}.content", "content must be a list.");
        var index = 0;
        foreach (var part in content.EnumerateArray())
        {
            if (CheckPart(part, $"{path}.content[{index++}]") is { } error)
                return error;
        }

        return null;
    }

    private static GatewayError? CheckPart(JsonElement part, string path)
    {
        if (!Parts.TryGetValue(TypeOf(part), out var members))
            return GatewayError.InvalidValue.About($"{path}.type", $"The type of a part must be one of: {string.Join(", ", Parts.Keys.Order(StringComparer.Ordinal))}.");
        foreach (var member in part.EnumerateObject())
        {
            var error = members.Contains(member.Name)
                ? CheckText(member, path)
                : GatewayError.FieldNotAllowed.About($"{path}.{member.Name}", "A part of this type does not have such a member.");
            if (error is null && member.Name is "image_url" && member.Value.GetString()?.StartsWith("data:image/", StringComparison.Ordinal) is not true)
                error = GatewayError.InvalidValue.About($"{path}.image_url", "An image must be in the event itself, as data:image/….");
            if (error is not null)
                return error;
        }

        return null;
    }

    private static GatewayError? CheckText(JsonProperty member, string path) => member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null
        ? null
        : GatewayError.InvalidValue.About($"{path}.{member.Name}", $"{member.Name} must be a text.");

    private static string TypeOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty("type"u8, out var type) && type.ValueKind is JsonValueKind.String ? type.GetString()! : "";
}
