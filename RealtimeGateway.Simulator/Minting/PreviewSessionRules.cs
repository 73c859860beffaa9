using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Minting.SharedRules;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>The flat shape of a preview <c>sessions</c> request; a member of the GA shape is an unknown one here.</summary>
internal static class PreviewSessionRules
{
    private static readonly Rule Format = Word("pcm16", "g711_ulaw", "g711_alaw");

    private static readonly Member[] Answering =
    [
        new("voice", VoiceName),
        new("instructions", Text),
        new("modalities", Sets(["text"], ["audio"], ["audio", "text"])),
        new("tools", List(Tagged(("function", FunctionTool)))),
        new("tool_choice", TextOr(Word("none", "auto", "required"), Tagged(FunctionChoice))),
        new("output_audio_format", Format),
        new("temperature", Number(0.6, 1.2)),
        new("max_response_output_tokens", OutputTokens),
        new("prompt", Prompt),
    ];

    /// <summary>Settings that a <c>response.create</c> may set for itself.</summary>
    public static Member[] Response => Answering;

    public static Rule For(SimulatorOptions options) => Session(options, modelIsRequired: true);

    /// <summary>The session of a <c>session.update</c>; the model is there to be compared only.</summary>
    public static Rule Update(SimulatorOptions options) => Session(options, modelIsRequired: false);

    private static Rule Session(SimulatorOptions options, bool modelIsRequired) => Members(
    [
        .. Answering,
        new("model", Name, modelIsRequired),
        new("turn_detection", TurnDetection),
        new("input_audio_format", Format),
        new("input_audio_transcription", Transcription(options)),
        new("input_audio_noise_reduction", NoiseReduction),
        new("speed", Speed),
        new("tracing", Tracing),
        new("truncation", Truncation),
    ]);
}
