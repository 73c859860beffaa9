using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Control;

/// <summary>
/// <c>/simulator/utterances</c>: what users will be heard to say, as a JSON list of sentences. An empty list brings the default one back.
/// </summary>
internal static class UtterancesControl
{
    private const int MaxSentences = 1000;

    public static AzureAnswer List(Utterances utterances) => AzureAnswer.Json(200, new JsonObject
    {
        ["utterances"] = new JsonArray([.. utterances.All.Select(sentence => JsonValue.Create(sentence))]),
    });

    public static async Task<AzureAnswer> ReplaceAsync(HttpContext http, Utterances utterances)
    {
        if (await ReadAsync(http) is not { } sentences) return AzureErrors.Refused(Violation.Of(
            "invalid_value", $"A JSON list of at most {MaxSentences} sentences is expected, each a string that is not empty."));
        utterances.All = sentences;
        return List(utterances);
    }

    private static async Task<IReadOnlyList<string>?> ReadAsync(HttpContext http)
    {
        try
        {
            var sentences = await JsonSerializer.DeserializeAsync<List<string?>>(http.Request.Body, cancellationToken: http.RequestAborted);
            if (sentences is not { Count: <= MaxSentences } || sentences.Exists(string.IsNullOrWhiteSpace)) return null;
            return [.. sentences.OfType<string>()];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
