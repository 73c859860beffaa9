using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// What a page has found out about its call, as it sends it: <c>{profile, way, outcome?, …figures}</c>. Default-deny: every member is known, comes once, and has a value from
/// a closed list or within bounds. So nothing in it can become a label but what the configuration or this file has named.
/// </summary>
internal sealed class WebRtcReport
{
    /// <summary>Bytes of a report.</summary>
    public const int MaxBytes = 2048;

    public const string RoundTrip = "round_trip";
    public const string Jitter = "jitter";
    public const string Loss = "loss";
    public const string BitrateReceived = "bitrate_received";
    public const string BitrateSent = "bitrate_sent";
    public const string TimeToFirstAudio = "time_to_first_audio";

    public static readonly string[] Ways = [.. Enum.GetValues<Way>().Select(way => WireName.Of(way))];

    /// <summary>
    /// How a call's connection turned out, told once: it stood until somebody ended the call; it broke; it never came; or nobody waited for it.
    /// </summary>
    public static readonly string[] Outcomes = ["connected", "lost", "failed", "cancelled"];

    /// <summary>Every figure with the most that it can be; none is less than nothing.</summary>
    public static readonly FrozenDictionary<string, (double Most, string Meaning)> Figures = new Dictionary<string, (double, string)>
    {
        [RoundTrip] = (60, "Round trip to the service, in seconds."),
        [Jitter] = (60, "Jitter of the audio received, in seconds."),
        [Loss] = (1, "Share of the packets to be received that were lost since the report before."),
        [BitrateReceived] = (10_000_000, "Audio received since the report before, in bits per second."),
        [BitrateSent] = (10_000_000, "Audio sent since the report before, in bits per second."),
        [TimeToFirstAudio] = (3600, "From placing the call to the first sound of the model, in seconds; once for each call."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = InboundOptions.MaxJsonDepth };

    private readonly Dictionary<string, double> _figures = new(StringComparer.Ordinal);

    private WebRtcReport()
    {
    }

    public string Profile { get; private set; } = "";

    public string Way { get; private set; } = "";

    public string? Outcome { get; private set; }

    /// <summary><c>null</c> for a figure that the page does not know.</summary>
    public double? this[string figure] => _figures.TryGetValue(figure, out var value) ? value : null;

    /// <summary>The report, or the refusal; exactly one of the two.</summary>
    public static (WebRtcReport? Report, GatewayError? Error) Read(ReadOnlySequence<byte> body, FrozenDictionary<string, SessionProfile> profiles, Caller caller)
    {
        try
        {
            using var json = JsonDocument.Parse(body, Strict);
            if (json.RootElement.ValueKind is not JsonValueKind.Object)
                return (null, GatewayError.InvalidJson);
            var report = new WebRtcReport();
            return report.Take(json.RootElement, profiles, caller) is { } error ? (null, error) : (report, null);
        }
        // InvalidOperationException: a text with half a surrogate pair, or bytes that are no UTF-8.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, GatewayError.InvalidJson);
        }
    }

    private GatewayError? Take(JsonElement root, FrozenDictionary<string, SessionProfile> profiles, Caller caller)
    {
        foreach (var member in root.EnumerateObject())
        {
            var error = member.Name switch
            {
                "profile" => TakeProfile(member.Value, profiles, caller),
                "way" => (Way = OneOf(member.Value, Ways) ?? "").Length == 0 ? NotOneOf("way", Ways) : null,
                "outcome" => (Outcome = OneOf(member.Value, Outcomes)) is null ? NotOneOf("outcome", Outcomes) : null,
                var name when Figures.TryGetValue(name, out var figure) => TakeFigure(name, member.Value, figure.Most),
                var unknown => GatewayError.FieldNotAllowed.About(unknown, "A report has no such member."),
            };
            if (error is not null)
                return error;
        }

        return Profile.Length == 0 ? GatewayError.InvalidValue.About("profile", "profile is required.")
            : Way.Length == 0 ? NotOneOf("way", Ways)
            : null;
    }

    // The name as it is configured: the caller may write it in capitals.
    private GatewayError? TakeProfile(JsonElement value, FrozenDictionary<string, SessionProfile> profiles, Caller caller)
    {
        if (value.ValueKind is not JsonValueKind.String)
            return GatewayError.InvalidValue.About("profile", "profile must be a text.");
        if (!profiles.TryGetValue(value.GetString()!, out var profile) || !caller.MayUse(profile))
            return GatewayError.ForbiddenProfile;
        Profile = profile.Name;
        return null;
    }

    // A number too large for a double reads as infinity, which is out of bounds as well.
    private GatewayError? TakeFigure(string name, JsonElement value, double most)
    {
        if (value.ValueKind is not JsonValueKind.Number || !value.TryGetDouble(out var number) || number is not >= 0 || number > most)
            return GatewayError.InvalidValue.About(name, FormattableString.Invariant($"{name} must be a number between 0 and {most}."));
        _figures[name] = number;
        return null;
    }

    private static string? OneOf(JsonElement value, string[] known) => value.ValueKind is JsonValueKind.String ? Array.Find(known, value.ValueEquals) : null;

    private static GatewayError NotOneOf(string name, string[] known) => GatewayError.InvalidValue.About(name, $"{name} must be one of: {string.Join(", ", known)}.");
}
