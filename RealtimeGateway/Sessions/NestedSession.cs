using System.Text.Json;
using RealtimeGateway.Configuration;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sessions;

/// <summary>Reads a session in the service's own nested shape, as OpenAI's SDKs send it, by the rules of <see cref="SessionRequest"/>.</summary>
/// <param name="deployments">Azure's own names, which callers that know them may use for a model.</param>
/// <param name="replaces">
/// Whether the profile's value stands in for what the caller may not set, in place of a refusal. SDKs always send a model, instructions and more, empty or not.
/// </param>
internal sealed class NestedSession(SessionProfile profile, IReadOnlySet<string> deployments, bool replaces)
{
    private const string Path = "session";

    /// <summary>The session of a text, or the refusal; exactly one of the two.</summary>
    public (RequestedSession? Session, GatewayError? Error) Read(byte[] json) => SessionRequest.Parse(new(json), Read);

    /// <summary>The session, or the refusal; exactly one of the two.</summary>
    /// <exception cref="InvalidOperationException">A text holds half a surrogate pair.</exception>
    public (RequestedSession? Session, GatewayError? Error) Read(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.Object)
            return (null, Wrong(Path, "session must be an object."));
        var session = new RequestedSession(profile, profile.DefaultModel);
        foreach (var member in value.EnumerateObject())
        {
            (session, var error) = member.Name switch
            {
                "type" => (session, member.Value is { ValueKind: JsonValueKind.String } type && type.ValueEquals("realtime"u8) ? null : Wrong($"{Path}.type", "session.type must be realtime.")),
                "model" => ReadModel(member.Value, session),
                "instructions" => Read(SessionMember.Instructions, member, Path, session),
                "output_modalities" => Read(SessionMember.Modalities, member, Path, session),
                "tools" => Read(SessionMember.Tools, member, Path, session),
                "audio" => ReadOnly("output", member, Path, session, (output, inAudio, asked) =>
                    ReadOnly("voice", output, inAudio, asked, (voice, inOutput, last) => Read(SessionMember.Voice, voice, inOutput, last))),
                var other => (session, NotAllowed($"{Path}.{other}")),
            };
            if (error is not null)
                return (null, error);
        }

        return (session, null);
    }

    /// <summary>Whether the member says nothing: SDKs send empty instructions and empty lists of tools where the developer has set none.</summary>
    public static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => value.ValueEquals(""u8),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    // An SDK sends the model that it was built with, unless it is told another: that one is no wish.
    private (RequestedSession, GatewayError?) ReadModel(JsonElement value, RequestedSession session)
    {
        var isKnown = value.ValueKind is JsonValueKind.String && value.GetString() is { } name && (profile.Models.Contains(name) || deployments.Contains(name));
        if (isKnown && profile.ClientMaySet.Contains(SessionMember.Model))
            return (session with { Model = value.GetString()! }, null);
        if (replaces)
            return (session, null);
        return (session, profile.ClientMaySet.Contains(SessionMember.Model)
            ? Wrong($"{Path}.model", $"model must be one of: {string.Join(", ", profile.Options.Models)}.")
            : NotAllowed($"{Path}.model"));
    }

    private (RequestedSession, GatewayError?) Read(SessionMember kind, JsonProperty member, string path, RequestedSession session)
    {
        if (!profile.ClientMaySet.Contains(kind) || (replaces && IsEmpty(member.Value)))
            return (session, NotAllowed($"{path}.{member.Name}"));
        var (asked, error) = SessionRequest.ReadMember(kind, member.Value, session);
        return (asked, error?.About($"{path}.{member.Name}{error.Param![WireName.Of(kind).Length..]}", error.Message)); // it speaks of the flat request: voice, tools[0].name
    }

    /// <summary>Reads an object of which only this one member counts.</summary>
    private (RequestedSession, GatewayError?) ReadOnly(
        string name, JsonProperty outer, string path, RequestedSession session, Func<JsonProperty, string, RequestedSession, (RequestedSession, GatewayError?)> read)
    {
        path = $"{path}.{outer.Name}";
        if (outer.Value.ValueKind is not JsonValueKind.Object)
            return (session, Wrong(path, $"{outer.Name} must be an object."));
        foreach (var member in outer.Value.EnumerateObject())
        {
            (session, var error) = member.Name == name ? read(member, path, session) : (session, NotAllowed($"{path}.{member.Name}"));
            if (error is not null)
                return (session, error);
        }

        return (session, null);
    }

    /// <summary>The refusal of what the profile alone decides; <c>null</c> where its value stands in.</summary>
    private GatewayError? NotAllowed(string path) => replaces ? null : GatewayError.FieldNotAllowed.About(
        path,
        profile.Options.ClientMaySet is { Count: > 0 } allowed
            ? $"This member may not be set; allowed here: {string.Join(", ", allowed.Select(member => WireName.Of(member)))}."
            : "No member of a session may be set here.");

    private static GatewayError Wrong(string path, string message) => GatewayError.InvalidValue.About(path, message);
}
