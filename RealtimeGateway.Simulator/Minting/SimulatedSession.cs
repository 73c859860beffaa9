using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>
/// The session as Azure describes it back: what was asked for, instructions, tools and prompt included, completed with the service's
/// defaults. <c>expires_at</c> is 0, for there is no session before somebody connects.
/// </summary>
internal static class SimulatedSession
{
    public static JsonObject Ga(JsonObject asked)
    {
        var session = new JsonObject
        {
            ["type"] = "realtime",
            ["object"] = "realtime.session",
            ["id"] = NewId(),
            ["model"] = Asked(asked, "model", null),
            ["output_modalities"] = Asked(asked, "output_modalities", new JsonArray("audio")),
            ["instructions"] = Asked(asked, "instructions", ""),
            ["tools"] = Asked(asked, "tools", new JsonArray()),
            ["tool_choice"] = Asked(asked, "tool_choice", "auto"),
            ["max_output_tokens"] = Asked(asked, "max_output_tokens", "inf"),
            ["tracing"] = Asked(asked, "tracing", null),
            ["truncation"] = Asked(asked, "truncation", "auto"),
            ["prompt"] = Asked(asked, "prompt", null),
            ["expires_at"] = 0,
            ["audio"] = new JsonObject { ["input"] = GaInput(asked["audio"]?["input"]), ["output"] = GaOutput(asked["audio"]?["output"]) },
            ["include"] = Asked(asked, "include", null),
        };
        if (asked["reasoning"] is { } reasoning) session["reasoning"] = reasoning.DeepClone();
        return session;
    }

    public static JsonObject Preview(JsonObject asked) => new()
    {
        ["id"] = NewId(),
        ["object"] = "realtime.session",
        ["expires_at"] = 0,
        ["model"] = Asked(asked, "model", null),
        ["modalities"] = Asked(asked, "modalities", new JsonArray("audio", "text")),
        ["instructions"] = Asked(asked, "instructions", ""),
        ["voice"] = Asked(asked, "voice", "alloy"),
        ["input_audio_format"] = Asked(asked, "input_audio_format", "pcm16"),
        ["output_audio_format"] = Asked(asked, "output_audio_format", "pcm16"),
        ["input_audio_transcription"] = Asked(asked, "input_audio_transcription", null),
        ["input_audio_noise_reduction"] = Asked(asked, "input_audio_noise_reduction", null),
        ["turn_detection"] = Asked(asked, "turn_detection", DefaultTurnDetection()),
        ["tools"] = Asked(asked, "tools", new JsonArray()),
        ["tool_choice"] = Asked(asked, "tool_choice", "auto"),
        ["temperature"] = Asked(asked, "temperature", 0.8),
        ["max_response_output_tokens"] = Asked(asked, "max_response_output_tokens", "inf"),
        ["speed"] = Asked(asked, "speed", 1.0),
        ["tracing"] = Asked(asked, "tracing", null),
        ["truncation"] = Asked(asked, "truncation", "auto"),
        ["prompt"] = Asked(asked, "prompt", null),
    };

    private static JsonObject GaInput(JsonNode? asked) => new()
    {
        ["format"] = Asked(asked, "format", Pcm()),
        ["transcription"] = Asked(asked, "transcription", null),
        ["noise_reduction"] = Asked(asked, "noise_reduction", null),
        ["turn_detection"] = Asked(asked, "turn_detection", DefaultTurnDetection()),
    };

    private static JsonObject GaOutput(JsonNode? asked) => new()
    {
        ["format"] = Asked(asked, "format", Pcm()),
        ["voice"] = Asked(asked, "voice", "alloy"),
        ["speed"] = Asked(asked, "speed", 1.0),
    };

    private static JsonObject Pcm() => new() { ["type"] = "audio/pcm", ["rate"] = 24_000 };

    private static JsonObject DefaultTurnDetection() => new()
    {
        ["type"] = "server_vad",
        ["threshold"] = 0.5,
        ["prefix_padding_ms"] = 300,
        ["silence_duration_ms"] = 200,
        ["idle_timeout_ms"] = null,
        ["create_response"] = true,
        ["interrupt_response"] = true,
    };

    // A null that was asked for is kept: it switches turn detection off, for one.
    private static JsonNode? Asked(JsonNode? asked, string name, JsonNode? otherwise) =>
        asked is JsonObject members && members.TryGetPropertyValue(name, out var value) ? value?.DeepClone() : otherwise;

    private static string NewId() => "sess_" + RandomNumberGenerator.GetHexString(24, lowercase: true);
}
