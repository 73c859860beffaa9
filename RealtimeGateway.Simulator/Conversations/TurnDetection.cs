using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>How a session finds the end of the user's turn: <c>audio.input.turn_detection</c>, with the service's defaults.</summary>
/// <param name="Threshold">How loud speech is, from 0 to 1.</param>
/// <param name="PrefixMs">How much sound before the speech belongs to it.</param>
/// <param name="SilenceMs">The pause that ends a turn.</param>
/// <param name="CreatesResponse">Whether the model answers by itself.</param>
/// <param name="Interrupts">Whether speech stops the model.</param>
/// <param name="IdleMs">After this much silence the model speaks again; null for never.</param>
internal sealed record TurnDetection(double Threshold, int PrefixMs, int SilenceMs, bool CreatesResponse, bool Interrupts, int? IdleMs)
{
    private const double DefaultThreshold = 0.5;
    private const int DefaultPrefixMs = 300;
    private const int DefaultSilenceMs = 500;

    /// <summary>Null when the session leaves turns to the client.</summary>
    public static TurnDetection? Of(JsonNode? json) => json is null ? null : new(
        json["threshold"]?.GetValue<double>() ?? DefaultThreshold,
        json["prefix_padding_ms"]?.GetValue<int>() ?? DefaultPrefixMs,
        json["silence_duration_ms"]?.GetValue<int>() ?? Patience(json["eagerness"]?.GetValue<string>()),
        json["create_response"]?.GetValue<bool>() ?? true,
        json["interrupt_response"]?.GetValue<bool>() ?? true,
        json["idle_timeout_ms"]?.GetValue<int>());

    // Semantic detection listens for the end of a thought. A simulator hears no thoughts, only pauses.
    private static int Patience(string? eagerness) => eagerness switch
    {
        "low" => 1000,
        "high" => 300,
        _ => DefaultSilenceMs,
    };
}
