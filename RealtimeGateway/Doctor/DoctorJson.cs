using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeGateway.Doctor;

/// <summary>What <c>--json</c> prints.</summary>
internal sealed record DoctorAnswer(bool Ok, Costs Costs, IReadOnlyList<DestinationReport> Destinations);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DoctorAnswer))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    // Nothing of it goes into a page: quotation marks stay readable.
    private static readonly DoctorJson Plain = new(new JsonSerializerOptions
    {
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.SnakeCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });

    public static string Serialize(DoctorAnswer answer) => JsonSerializer.Serialize(answer, Plain.DoctorAnswer);
}
