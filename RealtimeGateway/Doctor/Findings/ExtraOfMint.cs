using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>What minting makes of two things that OpenAI has and Azure may not: <c>tracing</c>, and a header that stands for the end user.</summary>
internal static class ExtraOfMint
{
    private const int MaxAnswer = 1024 * 1024;
    private const string OwnSettings = "settings of its own";

    public static async Task<Finding> TracingAsync(Resource resource, MintCheck mint, byte[] body, CancellationToken cancellation)
    {
        var asked = JsonNode.Parse(body)!;
        asked["session"]!["tracing"] = "auto";
        using var request = new HttpRequestMessage();
        using var response = await mint.AskAsync(request, JsonSerializer.SerializeToUtf8Bytes(asked), new(), cancellation);
        return new("tracing", response.IsSuccessStatusCode
            ? $"accepted, and the session has {await TracingOfAsync(response, cancellation)}"
            : $"refused: {await ErrorShape.ReadAsync(response, cancellation)}");
    }

    public static async Task<Finding> SafetyIdentifierAsync(Resource resource, MintCheck mint, byte[] body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage();
        request.Headers.TryAddWithoutValidation("OpenAI-Safety-Identifier", new string('0', 64));
        using var response = await mint.AskAsync(request, body, new(), cancellation);
        return new("safety_identifier", response.IsSuccessStatusCode
            ? "the header is accepted or overlooked"
            : $"refused: {await ErrorShape.ReadAsync(response, cancellation)}");
    }

    private static async Task<string> TracingOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var body = await UpstreamBody.ReadAsync(response, MaxAnswer, cancellation);
        try
        {
            return (body is null ? null : JsonNode.Parse(body.Memory.Span)?["session"]?["tracing"]) switch
            {
                null => "none",
                JsonValue value when value.TryGetValue<string>(out var word) => Describe(word),
                _ => OwnSettings,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "an answer that cannot be read";
        }
    }

    private static string Describe(string tracing) => tracing is "auto" ? tracing : OwnSettings;
}
