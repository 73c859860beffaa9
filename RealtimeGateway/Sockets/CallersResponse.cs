using System.Text.Json;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// The <c>response</c> of a <c>response.create</c>: settings of the session by the session's rules; a limit on tokens that may only be lower; what
/// belongs to this one response. <c>prompt</c>, <c>reasoning</c> and <c>parallel_tool_calls</c> are the profile's alone.
/// </summary>
internal static class CallersResponse
{
    private const string Path = "response";
    private const int MaxTokens = 4096;
    private const int MaxMetadata = 16;

    public static GatewayError? Copy(JsonElement value, RequestedSession session, Utf8JsonWriter writer)
    {
        if (value.ValueKind is JsonValueKind.Null)
            return null;
        if (value.ValueKind is not JsonValueKind.Object)
            return GatewayError.InvalidValue.About(Path, "response must be an object.");
        writer.WriteStartObject("response"u8);
        foreach (var member in value.EnumerateObject())
        {
            if (Copy(member, session, writer) is { } error)
                return error;
        }

        writer.WriteEndObject();
        return null;
    }

    private static GatewayError? Copy(JsonProperty member, RequestedSession session, Utf8JsonWriter writer)
    {
        GatewayError? error;
        switch (member.Name)
        {
            case "tool_choice":
                error = CheckToolChoice(member.Value, session);
                break;
            case "max_output_tokens":
                error = CheckTokens(member.Value, session);
                break;
            case "conversation":
                error = IsOneOf(member.Value, "auto", "none") ? null : Wrong("conversation", "conversation must be auto or none.");
                break;
            case "metadata":
                error = IsMetadata(member.Value) ? null : Wrong("metadata", $"metadata must be an object of at most {MaxMetadata} texts.");
                break;
            case "input":
                error = CheckInput(member.Value, session);
                break;
            default:
                return new CallersSettings(session, replaces: false).Copy(member, Path, writer);
        }

        if (error is null)
            member.WriteTo(writer);
        return error;
    }

    // It says which of the tools, so whoever may not say which tools there are has nothing to say.
    private static GatewayError? CheckToolChoice(JsonElement value, RequestedSession session)
    {
        if (!session.Profile.ClientMaySet.Contains(SessionMember.Tools))
            return CallersSettings.NotAllowed($"{Path}.tool_choice", session.Profile);
        if (IsOneOf(value, "auto", "none", "required"))
            return null;
        var isFunction = value.ValueKind is JsonValueKind.Object
            && value.EnumerateObject().All(member => member.Name is "type" or "name" && member.Value.ValueKind is JsonValueKind.String)
            && value.TryGetProperty("type"u8, out var type) && type.ValueEquals("function"u8) && value.TryGetProperty("name"u8, out _);
        return isFunction ? null : Wrong("tool_choice", "tool_choice must be auto, none, required or a function by name.");
    }

    private static GatewayError? CheckTokens(JsonElement value, RequestedSession session)
    {
        var limit = session.Profile.Options.MaxOutputTokens;
        return (value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens >= 1 && tokens <= (limit ?? MaxTokens))
            || (limit is null && IsOneOf(value, "inf"))
                ? null
                : Wrong("max_output_tokens", $"max_output_tokens must be between 1 and {limit ?? MaxTokens}.");
    }

    private static GatewayError? CheckInput(JsonElement value, RequestedSession session)
    {
        if (value.ValueKind is not JsonValueKind.Array)
            return Wrong("input", "input must be a list of items.");
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (CallersItem.Check(item, $"{Path}.input[{index++}]", session, mayRefer: true) is { } error)
                return error;
        }

        return null;
    }

    private static bool IsMetadata(JsonElement value) => value.ValueKind is JsonValueKind.Null
        || (value.ValueKind is JsonValueKind.Object && value.GetPropertyCount() <= MaxMetadata
            && value.EnumerateObject().All(member => member.Value.ValueKind is JsonValueKind.String));

    private static bool IsOneOf(JsonElement value, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (value.ValueKind is JsonValueKind.String && value.ValueEquals(word))
                return true;
        }

        return false;
    }

    private static GatewayError Wrong(string name, string message) => GatewayError.InvalidValue.About($"{Path}.{name}", message);
}
