using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Control;

/// <summary>
/// A fault in JSON, for example <c>{"operation":"mint","times":2,"effect":"status","status":429,"retryAfter":7}</c>.
/// </summary>
internal static class FaultJson
{
    private const int MaxDelayMs = 600_000;
    private const int MaxRetryAfterSeconds = 86_400;

    private static readonly (string Name, FaultOperation Operation)[] Operations =
    [
        ("*", FaultOperation.Any), ("mint", FaultOperation.Mint), ("calls", FaultOperation.Calls), ("socket", FaultOperation.Socket),
        ("sideband", FaultOperation.Sideband), ("hangup", FaultOperation.Hangup),
    ];

    public static Rule Rule { get; } = Members(
        new Member("effect", Word([.. FaultEffect.All.Select(effect => effect.Name)]), Required: true),
        new Member("operation", Word([.. Operations.Select(row => row.Name)])),
        new Member("times", OrNull(Whole(1, int.MaxValue))),
        new Member("beneath", OrNull((value, path) => Rule!(value, path))),
        new Member("status", OrNull(Whole(100, 599))),
        new Member("variant", OrNull(Text)),
        new Member("location", OrNull(Text)),
        new Member("retryAfter", OrNull(Whole(0, MaxRetryAfterSeconds))),
        new Member("retryAfterMs", OrNull(Whole(0, MaxRetryAfterSeconds * 1000L))),
        new Member("retryAfterDate", OrNull(Instant)),
        new Member("delayMs", OrNull(Whole(0, MaxDelayMs))));

    /// <summary>Reads a fault that satisfies <see cref="Rule"/>.</summary>
    public static Fault Read(JsonObject json) => new()
    {
        Effect = FaultEffect.All.First(effect => effect.Name == json["effect"]!.GetValue<string>()),
        Operation = Operations.First(row => row.Name == (json["operation"]?.GetValue<string>() ?? "*")).Operation,
        Times = json["times"]?.GetValue<int>(),
        Status = json["status"]?.GetValue<int>(),
        Variant = json["variant"]?.GetValue<string>(),
        Location = json["location"]?.GetValue<string>(),
        RetryAfter = json["retryAfter"]?.GetValue<int>(),
        RetryAfterMs = json["retryAfterMs"]?.GetValue<int>(),
        RetryAfterDate = json["retryAfterDate"]?.GetValue<DateTimeOffset>(),
        DelayMs = json["delayMs"]?.GetValue<int>(),
        Beneath = json["beneath"] is JsonObject beneath ? Read(beneath) : null,
    };

    public static JsonObject Write(ActiveFault active) => WriteParameters(active.Fault, new()
    {
        ["id"] = active.Id,
        ["effect"] = active.Fault.Effect.Name,
        ["operation"] = Operations.First(row => row.Operation == active.Fault.Operation).Name,
        ["times"] = active.Fault.Times,
        ["remaining"] = active.Remaining,
    });

    private static JsonObject WriteParameters(Fault fault, JsonObject json)
    {
        if (fault.Status is not null) json["status"] = fault.Status;
        if (fault.Variant is not null) json["variant"] = fault.Variant;
        if (fault.Location is not null) json["location"] = fault.Location;
        if (fault.RetryAfter is not null) json["retryAfter"] = fault.RetryAfter;
        if (fault.RetryAfterMs is not null) json["retryAfterMs"] = fault.RetryAfterMs;
        if (fault.RetryAfterDate is { } date) json["retryAfterDate"] = date.ToString("O", CultureInfo.InvariantCulture);
        if (fault.DelayMs is not null) json["delayMs"] = fault.DelayMs;
        if (fault.Beneath is { } beneath) json["beneath"] = WriteParameters(beneath, new() { ["effect"] = beneath.Effect.Name });
        return json;
    }

    private static Violation? Instant(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out _)
            ? null
            : Violation.Invalid(path, "a time such as 2030-01-31T12:00:00Z");
}
