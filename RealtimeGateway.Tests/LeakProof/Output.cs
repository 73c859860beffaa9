using System.Text.Json;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>To whom an output goes.</summary>
internal enum Audience
{
    /// <summary>The caller: an answer, a header, a frame.</summary>
    Caller,

    /// <summary>A destination: what the gateway sends there.</summary>
    Service,

    /// <summary>Somebody else, to whom a destination would send the gateway.</summary>
    Stranger,

    /// <summary>Whoever can read Redis.</summary>
    Store,

    /// <summary>Whoever reads the log.</summary>
    Log,

    /// <summary>Whoever scrapes, or collects traces.</summary>
    Telemetry,

    /// <summary>Who sits before a command.</summary>
    Operator,
}

/// <summary>A piece of what the gateway has put out.</summary>
/// <param name="Audience">To whom it goes.</param>
/// <param name="Where">The exchange, log category or command that it belongs to.</param>
/// <param name="Part">Which part of that: <c>header location</c>, <c>body $.error.message</c>.</param>
/// <param name="Text">What stands there.</param>
internal sealed record Output(Audience Audience, string Where, string Part, string Text)
{
    /// <summary>The values of a JSON text, each by its path, and the names of all members; any other text as one.</summary>
    public static IEnumerable<Output> OfBody(Audience audience, string where, string text, string part = "body")
    {
        if (!text.StartsWith('{') && !text.StartsWith('['))
            return [new(audience, where, part, text)];
        try
        {
            using var json = JsonDocument.Parse(text);
            return [.. OfValue(audience, where, $"{part} $", json.RootElement)];
        }
        catch (JsonException)
        {
            return [new(audience, where, part, text)];
        }
    }

    private static IEnumerable<Output> OfValue(Audience audience, string where, string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member =>
            OfValue(audience, where, $"{path}.{member.Name}", member.Value).Prepend(new(audience, where, $"{path} name", member.Name))),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => OfValue(audience, where, $"{path}[]", item)),
        JsonValueKind.String => [new(audience, where, path, value.GetString()!), new(audience, where, path, value.GetRawText())],
        _ => [new(audience, where, path, value.GetRawText())],
    };
}
