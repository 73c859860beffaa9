using System.Text.Json;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// What a caller may change about the session (<c>session.update</c>) or about one response (<c>response.create</c>): the members that
/// <c>POST /sessions</c> knows, by the same rules, under their names in the service's nested shape.
/// </summary>
internal static class CallersSettings
{
    public static GatewayError? CopySession(JsonElement value, RequestedSession session, Utf8JsonWriter writer)
    {
        if (value.ValueKind is not JsonValueKind.Object)
            return GatewayError.InvalidValue.About("session", "session must be an object.");
        writer.WriteStartObject("session"u8);
        writer.WriteString("type"u8, "realtime"u8);
        foreach (var member in value.EnumerateObject())
        {
            var error = member.Name switch
            {
                "type" => Is(member.Value, "realtime") ? null : GatewayError.InvalidValue.About("session.type", "session.type must be realtime."),
                // Fixed when the socket was opened; saying it again asks for nothing.
                "model" => Is(member.Value, session.Model) ? null : GatewayError.FieldNotAllowed.About("session.model", "The model is chosen by the query of the address, once."),
                _ => Copy(member, "session", session, writer),
            };
            if (error is not null)
                return error;
        }

        writer.WriteEndObject();
        return null;
    }

    /// <summary>Copies one member of <paramref name="path"/>, or says why not.</summary>
    public static GatewayError? Copy(JsonProperty member, string path, RequestedSession session, Utf8JsonWriter writer) => member.Name switch
    {
        "instructions" => Copy(SessionMember.Instructions, member, path, session, writer),
        "output_modalities" => Copy(SessionMember.Modalities, member, path, session, writer),
        "tools" => Copy(SessionMember.Tools, member, path, session, writer),
        "audio" => CopyOnly("output", member, path, writer, (output, inAudio) =>
            CopyOnly("voice", output, inAudio, writer, (voice, inOutput) => Copy(SessionMember.Voice, voice, inOutput, session, writer))),
        var other => NotAllowed($"{path}.{other}", session.Profile),
    };

    public static GatewayError NotAllowed(string path, SessionProfile profile) => GatewayError.FieldNotAllowed.About(
        path,
        profile.Options.ClientMaySet is { Count: > 0 } allowed
            ? $"This member may not be set; of a session a caller may set here: {string.Join(", ", allowed.Select(member => WireName.Of(member)))}."
            : "No member of a session may be set here.");

    private static GatewayError? Copy(SessionMember kind, JsonProperty member, string path, RequestedSession session, Utf8JsonWriter writer)
    {
        if (!session.Profile.ClientMaySet.Contains(kind))
            return NotAllowed($"{path}.{member.Name}", session.Profile);
        var (asked, error) = SessionRequest.ReadMember(kind, member.Value, session);
        if (error is not null) // it speaks of the flat request: voice, tools[0].name
            return error.About($"{path}.{member.Name}{error.Param![WireName.Of(kind).Length..]}", error.Message);
        Write(kind, asked, member, writer);
        return null;
    }

    private static void Write(SessionMember kind, RequestedSession asked, JsonProperty member, Utf8JsonWriter writer)
    {
        if (kind is SessionMember.Modalities)
            GaDialect.WriteModality(writer, asked.OutputModality);
        else
            member.WriteTo(writer);
    }

    /// <summary>Copies an object that may have this one member only.</summary>
    private static GatewayError? CopyOnly(
        string name, JsonProperty outer, string path, Utf8JsonWriter writer, Func<JsonProperty, string, GatewayError?> copy)
    {
        path = $"{path}.{outer.Name}";
        if (outer.Value.ValueKind is not JsonValueKind.Object)
            return GatewayError.InvalidValue.About(path, $"{outer.Name} must be an object.");
        writer.WriteStartObject(outer.Name);
        foreach (var member in outer.Value.EnumerateObject())
        {
            var error = member.Name == name
                ? copy(member, path)
                : GatewayError.FieldNotAllowed.About($"{path}.{member.Name}", "This member may not be set.");
            if (error is not null)
                return error;
        }

        writer.WriteEndObject();
        return null;
    }

    private static bool Is(JsonElement value, string text) => value.ValueKind is JsonValueKind.String && value.ValueEquals(text);
}
