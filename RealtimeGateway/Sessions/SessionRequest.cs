using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sessions;

/// <summary>
/// Reads the flat request <c>{model?, voice?, instructions?, modalities?, tools?}</c> against a profile. Default-deny: a member that the
/// profile does not list is refused by name, never dropped.
/// </summary>
internal static class SessionRequest
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = InboundOptions.MaxJsonDepth };

    /// <summary>The session, or the refusal; exactly one of the two.</summary>
    /// <param name="deployments">Azure's own names, which callers that know them may use for a model.</param>
    public static (RequestedSession? Session, GatewayError? Error) Read(ReadOnlySequence<byte> body, SessionProfile profile, IReadOnlySet<string> deployments) =>
        Parse(body, root => ReadMembers(root, new RequestedSession(profile, profile.DefaultModel), deployments));

    /// <summary>Reads one JSON object, of whatever shape, or refuses what is none.</summary>
    public static (RequestedSession? Session, GatewayError? Error) Parse(ReadOnlySequence<byte> body, Func<JsonElement, (RequestedSession?, GatewayError?)> read)
    {
        try
        {
            if (!IsUtf8(body))
                return (null, GatewayError.InvalidJson);
            using var json = JsonDocument.Parse(body, Strict);
            return json.RootElement.ValueKind is JsonValueKind.Object
                ? read(json.RootElement)
                : (null, GatewayError.InvalidJson);
        }
        // InvalidOperationException: a text with half a surrogate pair, which parses and then cannot be read.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, GatewayError.InvalidJson);
        }
    }

    private static (RequestedSession?, GatewayError?) ReadMembers(JsonElement root, RequestedSession session, IReadOnlySet<string> deployments)
    {
        var profile = session.Profile;
        foreach (var member in root.EnumerateObject())
        {
            if (MemberOf(member.Name) is not { } name || !profile.ClientMaySet.Contains(name))
                return (null, NotAllowed(member.Name, profile));

            GatewayError? error;
            (session, error) = name is SessionMember.Model ? ReadModel(member.Value, session, deployments) : ReadMember(name, member.Value, session);
            if (error is not null)
                return (null, error);
        }

        return (session, null);
    }

    /// <summary>Judges one member that the profile lets the caller set, in whatever shape it came; the model apart, which is fixed before a session begins.</summary>
    /// <exception cref="InvalidOperationException">A text holds half a surrogate pair.</exception>
    public static (RequestedSession, GatewayError?) ReadMember(SessionMember member, JsonElement value, RequestedSession session) => member switch
    {
        SessionMember.Voice => ReadVoice(value, session),
        SessionMember.Instructions => ReadInstructions(value, session),
        SessionMember.Modalities => ReadModalities(value, session),
        SessionMember.Tools => CallersTools.Read(value, session),
        _ => throw new ArgumentOutOfRangeException(nameof(member)),
    };

    // The parser looks at the bytes of a text only when somebody reads it, and tools are passed on unread.
    private static bool IsUtf8(ReadOnlySequence<byte> body) => Utf8.IsValid(body.IsSingleSegment ? body.FirstSpan : body.ToArray());

    private static SessionMember? MemberOf(string name) => name switch
    {
        "model" => SessionMember.Model,
        "voice" => SessionMember.Voice,
        "instructions" => SessionMember.Instructions,
        "modalities" => SessionMember.Modalities,
        "tools" => SessionMember.Tools,
        _ => null,
    };

    private static (RequestedSession, GatewayError?) ReadModel(JsonElement value, RequestedSession session, IReadOnlySet<string> deployments) =>
        value.ValueKind is JsonValueKind.String && value.GetString() is { } model && (session.Profile.Models.Contains(model) || deployments.Contains(model))
            ? (session with { Model = model }, null)
            : (session, GatewayError.InvalidValue.About("model", $"model must be one of: {string.Join(", ", session.Profile.Options.Models)}."));

    private static (RequestedSession, GatewayError?) ReadVoice(JsonElement value, RequestedSession session) =>
        value.ValueKind is JsonValueKind.String && value.GetString() is { } voice && session.Profile.Voices.Contains(voice)
            ? (session with { Voice = voice }, null)
            : (session, GatewayError.InvalidValue.About("voice", $"voice must be one of: {string.Join(", ", session.Profile.Options.Voices)}."));

    private static (RequestedSession, GatewayError?) ReadInstructions(JsonElement value, RequestedSession session) =>
        value.ValueKind is JsonValueKind.String
            ? (session with { Instructions = value.GetString() }, null)
            : (session, GatewayError.InvalidValue.About("instructions", "instructions must be a text."));

    // The flat shape's ["text","audio"] asks for audio with its transcript, which is what the service calls audio today.
    private static (RequestedSession, GatewayError?) ReadModalities(JsonElement value, RequestedSession session)
    {
        var names = value.ValueKind is JsonValueKind.Array
            ? value.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.String ? item.GetString() : null).ToArray()
            : [];
        return names switch
        {
            ["text"] => (session with { OutputModality = OutputModality.Text }, null),
            ["audio"] or ["text", "audio"] or ["audio", "text"] => (session with { OutputModality = OutputModality.Audio }, null),
            _ => (session, GatewayError.InvalidValue.About("modalities", "modalities must be [\"text\"], [\"audio\"] or both.")),
        };
    }

    private static GatewayError NotAllowed(string name, SessionProfile profile) => GatewayError.FieldNotAllowed.About(
        name,
        profile.Options.ClientMaySet is { Count: > 0 } allowed
            ? $"This member may not be set; allowed here: {string.Join(", ", allowed.Select(member => WireName.Of(member)))}."
            : "No member may be set here; send {}.");
}
