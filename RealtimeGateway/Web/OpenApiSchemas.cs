using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Web;

/// <summary>The shapes of the public contract, as OpenAPI schemas.</summary>
internal static class OpenApiSchemas
{
    public static Dictionary<string, OpenApiMediaType> Json(IOpenApiSchema schema) => new(StringComparer.Ordinal)
    {
        ["application/json"] = new OpenApiMediaType { Schema = schema },
    };

    public static Dictionary<string, OpenApiMediaType> Sdp() => new(StringComparer.Ordinal)
    {
        [Calls.Sdp.ContentType] = new OpenApiMediaType { Schema = Text("A session description, RFC 8866.") },
    };

    public static OpenApiSchema OneOf(IEnumerable<string> values) => new()
    {
        Type = JsonSchemaType.String,
        Enum = [.. values.Select(value => (JsonNode)JsonValue.Create(value))],
    };

    /// <summary>Only what the profile lets the caller set.</summary>
    public static OpenApiSchema SessionRequest(SessionProfile profile) => Object(
        profile.Options.ClientMaySet.ToDictionary(member => WireName.Of(member), member => SchemaOf(member, profile)));

    public static OpenApiSchema AnyObject() => Object([]);

    public static OpenApiSchema Session() => Object(new()
    {
        ["id"] = Text("The service's session id, sess_…"),
        ["object"] = OneOf(["realtime.session"]),
        ["model"] = Text("The model as it was asked for."),
        ["voice"] = Text("The voice that the session speaks with."),
        ["expires_at"] = UnixTime(),
        ["client_secret"] = Object(new() { ["value"] = Text("The ephemeral secret, ek_…"), ["expires_at"] = UnixTime() }),
        ["webrtc_url"] = Text("Where to post the SDP offer, as application/sdp."),
    });

    public static OpenApiSchema ClientSecret() => Object(new()
    {
        ["value"] = Text("The secret, ek_…"),
        ["expires_at"] = UnixTime(),
        ["session"] = Object([]),
    });

    /// <summary>What a page reports about a call; numbers up to their bounds.</summary>
    public static OpenApiSchema WebRtcReport(IReadOnlyList<string> ways, IReadOnlyList<string> outcomes, IReadOnlyDictionary<string, (double Most, string Meaning)> figures)
    {
        var report = Object(new()
        {
            ["profile"] = Text("A session profile of this caller."),
            ["way"] = OneOf(ways),
            ["outcome"] = OneOf(outcomes),
        });
        foreach (var (name, (most, meaning)) in figures)
        {
            report.Properties![name] = new OpenApiSchema
            {
                Type = JsonSchemaType.Number,
                Minimum = "0",
                Maximum = most.ToString(CultureInfo.InvariantCulture),
                Description = meaning,
            };
        }

        report.Required = new HashSet<string>(StringComparer.Ordinal) { "profile", "way" };
        return report;
    }

    public static OpenApiResponse ErrorResponse() => new()
    {
        Description = "The error envelope.",
        Content = Json(Object(new()
        {
            ["error"] = Object(new()
            {
                ["message"] = Text("What went wrong, for people."),
                ["type"] = Text("The kind, as OpenAI clients know it."),
                ["code"] = Text("What went wrong, for programs."),
                ["param"] = new() { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "The member that was wrong." },
            }),
        })),
    };

    private static OpenApiSchema SchemaOf(SessionMember member, SessionProfile profile) => member switch
    {
        SessionMember.Model => OneOf(profile.Options.Models),
        SessionMember.Voice => OneOf(profile.Options.Voices),
        SessionMember.Instructions => Text("Replaces the profile's instructions."),
        SessionMember.Modalities => new() { Type = JsonSchemaType.Array, Items = OneOf(["text", "audio"]) },
        _ => new() { Type = JsonSchemaType.Array, Items = Object([]), Description = "Function tools; they replace the profile's." },
    };

    private static OpenApiSchema Object(Dictionary<string, OpenApiSchema> properties) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = properties.ToDictionary(pair => pair.Key, IOpenApiSchema (pair) => pair.Value, StringComparer.Ordinal),
        AdditionalPropertiesAllowed = properties.Count == 0,
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema UnixTime() => new() { Type = JsonSchemaType.Integer, Format = "int64", Description = "Unix seconds." };
}
