using System.Diagnostics.Metrics;
using System.Text.Json;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// What conversations cost, wherever the gateway sees it: <c>gen_ai.client.token.usage</c> of OpenTelemetry's conventions for generative AI, with a modality
/// and whether the service had the tokens in its cache, since both decide about the price.
/// </summary>
internal sealed class TokenMetrics
{
    /// <summary>The service, as OpenTelemetry's conventions for generative AI name it.</summary>
    public const string Provider = "azure.ai.openai";

    private static readonly string[] Modalities = ["text", "audio", "image"];

    private readonly Histogram<long> _usage;

    public TokenMetrics(IMeterFactory meters) => _usage = meters.Create(GatewayMetrics.MeterName).CreateHistogram<long>(
        "gen_ai.client.token.usage", "{token}", "Tokens of one response, by type, modality, model and profile.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] });

    /// <summary>Takes an event of the service; of <c>response.done</c> its <c>usage</c> counts, once.</summary>
    public void Hear(ReadOnlyMemory<byte> message, string profile, string model)
    {
        if (message.Span.IndexOf("response.done"u8) < 0)
            return;
        using var json = JsonDocument.Parse(message);
        if (!json.RootElement.GetProperty("type"u8).ValueEquals("response.done"u8)
            || Member(Member(json.RootElement, "response"), "usage") is not { ValueKind: JsonValueKind.Object } usage)
            return;
        Count(usage, "input", profile, model);
        Count(usage, "output", profile, model);
    }

    private void Count(JsonElement usage, string type, string profile, string model)
    {
        var details = Member(usage, $"{type}_token_details");
        var cached = Member(details, "cached_tokens_details");
        var rest = Number(usage, $"{type}_tokens");
        foreach (var modality in Modalities)
        {
            var (all, kept) = (Number(details, $"{modality}_tokens"), Number(cached, $"{modality}_tokens"));
            Record(type, modality, isCached: false, all - kept, profile, model);
            Record(type, modality, isCached: true, kept, profile, model);
            rest -= all;
        }

        Record(type, "unknown", isCached: false, rest, profile, model);
    }

    private void Record(string type, string modality, bool isCached, long tokens, string profile, string model)
    {
        if (tokens <= 0)
            return;
        _usage.Record(tokens,
            new("gen_ai.operation.name", "generate_content"), new("gen_ai.provider.name", Provider), new("gen_ai.request.model", model),
            new("gen_ai.token.type", type), new("modality", modality), new("cached", isCached ? "true" : "false"), new("profile", profile));
    }

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static long Number(JsonElement value, string name) =>
        Member(value, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) ? count : 0;
}
