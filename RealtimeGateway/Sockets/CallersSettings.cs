using System.Text.Json;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>
/// What a caller may change about the session (<c>session.update</c>) or about one response (<c>response.create</c>): the members that
/// <c>POST /sessions</c> knows, by the same rules, under their names in the service's nested shape.
/// </summary>
/// <param name="replaces">Whether what the caller may not set is left out, so that the profile's value goes on to hold, in place of a refusal.</param>
internal readonly struct CallersSettings(RequestedSession session, bool replaces)
{
    public GatewayError? CopySession(JsonElement value, Utf8JsonWriter writer)
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
                "model" => replaces || Is(member.Value, session.Model) ? null : GatewayError.FieldNotAllowed.About("session.model", "The model is chosen by the query of the address, once."),
                _ => Copy(member, "session", writer),
            };
            if (error is not null)
                return error;
        }

        writer.WriteEndObject();
        return null;
    }

    /// <summary>Copies one member of <paramref name="path"/>, or says why not.</summary>
    public GatewayError? Copy(JsonProperty member, string path, Utf8JsonWriter writer) => member.Name switch
    {
        _ when replaces && !Counts(member) => null,
        "instructions" => Copy(SessionMember.Instructions, member, path, writer),
        "output_modalities" => Copy(SessionMember.Modalities, member, path, writer),
        "tools" => Copy(SessionMember.Tools, member, path, writer),
        "audio" => CopyVoice(member, path, writer),
        var other => NotAllowed($"{path}.{other}", session.Profile),
    };

    public static GatewayError NotAllowed(string path, SessionProfile profile) => GatewayError.FieldNotAllowed.About(
        path,
        profile.Options.ClientMaySet is { Count: > 0 } allowed
            ? $"This member may not be set; of a session a caller may set here: {string.Join(", ", allowed.Select(member => WireName.Of(member)))}."
            : "No member of a session may be set here.");

    /// <summary>Whether the caller may set the member and has said something by it.</summary>
    private bool Counts(JsonProperty member) => member.Name switch
    {
        "instructions" => Counts(SessionMember.Instructions, member.Value),
        "output_modalities" => Counts(SessionMember.Modalities, member.Value),
        "tools" => Counts(SessionMember.Tools, member.Value),
        "audio" => member.Value is { ValueKind: JsonValueKind.Object } audio && audio.TryGetProperty("output"u8, out var output)
            && output.ValueKind is JsonValueKind.Object && output.TryGetProperty("voice"u8, out var voice) && Counts(SessionMember.Voice, voice),
        _ => false,
    };

    private bool Counts(SessionMember kind, JsonElement value) => session.Profile.ClientMaySet.Contains(kind) && !NestedSession.IsEmpty(value);

    private GatewayError? CopyVoice(JsonProperty audio, string path, Utf8JsonWriter writer)
    {
        var own = this;
        return CopyOnly("output", audio, path, writer, (output, inAudio) =>
            own.CopyOnly("voice", output, inAudio, writer, (voice, inOutput) => own.Copy(SessionMember.Voice, voice, inOutput, writer)));
    }

    private GatewayError? Copy(SessionMember kind, JsonProperty member, string path, Utf8JsonWriter writer)
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

    /// <summary>Copies an object of which only this one member counts.</summary>
    private GatewayError? CopyOnly(string name, JsonProperty outer, string path, Utf8JsonWriter writer, Func<JsonProperty, string, GatewayError?> copy)
    {
        path = $"{path}.{outer.Name}";
        if (outer.Value.ValueKind is not JsonValueKind.Object)
            return GatewayError.InvalidValue.About(path, $"{outer.Name} must be an object.");
        writer.WriteStartObject(outer.Name);
        foreach (var member in outer.Value.EnumerateObject())
        {
            var error = member.Name == name ? copy(member, path)
                : replaces ? null
                : GatewayError.FieldNotAllowed.About($"{path}.{member.Name}", "This member may not be set.");
            if (error is not null)
                return error;
        }

        writer.WriteEndObject();
        return null;
    }

    private static bool Is(JsonElement value, string text) => value.ValueKind is JsonValueKind.String && value.ValueEquals(text);
}
