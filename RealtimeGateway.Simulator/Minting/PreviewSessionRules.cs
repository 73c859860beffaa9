using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Minting.SharedRules;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>The flat shape of a preview <c>sessions</c> request; a member of the GA shape is an unknown one here.</summary>
internal static class PreviewSessionRules
{
    private static readonly Rule Format = Word("pcm16", "g711_ulaw", "g711_alaw");

    public static Rule For(SimulatorOptions options) => Members(
        new Member("model", Name, Required: true),
        new Member("voice", Voice),
        new Member("instructions", Text),
        new Member("modalities", Sets(["text"], ["audio"], ["audio", "text"])),
        new Member("tools", List(Tagged(("function", FunctionTool)))),
        new Member("tool_choice", TextOr(Word("none", "auto", "required"), Tagged(FunctionChoice))),
        new Member("turn_detection", TurnDetection),
        new Member("input_audio_format", Format),
        new Member("output_audio_format", Format),
        new Member("input_audio_transcription", Transcription(options)),
        new Member("input_audio_noise_reduction", NoiseReduction),
        new Member("temperature", Number(0.6, 1.2)),
        new Member("max_response_output_tokens", OutputTokens),
        new Member("speed", Speed),
        new Member("tracing", Tracing),
        new Member("truncation", Truncation),
        new Member("prompt", Prompt));
}
