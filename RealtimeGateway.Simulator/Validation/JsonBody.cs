using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;

namespace RealtimeGateway.Simulator.Validation;

/// <summary>Reads a request body that has to be a JSON object of a given shape.</summary>
internal static class JsonBody
{
    // A member named twice has no single meaning; a node tree would fail on it later.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The object, or the violation of the rule; neither when the body is not a JSON object.</summary>
    public static async Task<(JsonObject? Body, Violation? Violation)> ParseAsync(HttpRequest request, Rule rule)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Strict, request.HttpContext.RequestAborted);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return default;
            var violation = rule(document.RootElement, "");
            return violation is null ? (JsonObject.Create(document.RootElement.Clone()), null) : (null, violation);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>The object, or the 400 that Azure answers instead.</summary>
    public static async Task<(JsonObject? Body, AzureAnswer? Refusal)> ReadAsync(HttpRequest request, Rule rule)
    {
        if (!request.HasJsonContentType()) return (null, AzureErrors.NotJsonContent);
        var (body, violation) = await ParseAsync(request, rule);
        if (violation is not null) return (null, AzureErrors.Refused(violation));
        return body is null ? (null, AzureErrors.NotJson) : (body, null);
    }
}
