using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeGateway.Commands;

/// <summary>What commands print with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ValidateAnswer))]
[JsonSerializable(typeof(IReadOnlyList<EffectiveSetting>))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>Quotation marks and accents stay readable: nothing of it goes into a page.</summary>
    public static CommandJson Plain { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });
}
