using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Offers;

/// <summary>
/// A form of <c>sdp</c> and <c>session</c> as one JSON object, so that the rules of JSON hold for it. Parts may come with a file name or without, as different SDKs send them.
/// </summary>
internal static class FormParts
{
    private const string Session = "session";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static async Task<(JsonObject? Form, Violation? Violation)> ReadAsync(HttpRequest request, Rule rule)
    {
        try
        {
            return Check(await PartsAsync(request), rule);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return (null, Violation.Of("invalid_form", "The request body is not a multipart form."));
        }
    }

    private static async Task<List<(string Name, string Text)>> PartsAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        List<(string, string)> parts = [.. form.SelectMany(part => part.Value.Select(text => (part.Key, text ?? "")))];
        foreach (var file in form.Files)
        {
            using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
            parts.Add((file.Name, await reader.ReadToEndAsync(request.HttpContext.RequestAborted)));
        }

        return parts;
    }

    private static (JsonObject?, Violation?) Check(List<(string Name, string Text)> parts, Rule rule)
    {
        var form = new JsonObject();
        foreach (var (name, text) in parts)
        {
            if (form.ContainsKey(name)) return (null, Violation.Invalid(name, "one part"));
            if (!TryValue(name, text, out var value)) return (null, Violation.Invalid(name, "a JSON object"));
            form.Add(name, value);
        }

        using var document = JsonDocument.Parse(form.ToJsonString());
        var violation = rule(document.RootElement, "");
        return violation is null ? (form, null) : (null, violation);
    }

    private static bool TryValue(string name, string text, out JsonNode? value)
    {
        value = text;
        if (name != Session) return true;
        try
        {
            value = JsonNode.Parse(text, documentOptions: Strict);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
