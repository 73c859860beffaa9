using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>Parts of a session that read alike on the GA and on the preview surface.</summary>
internal static class SharedRules
{
    public static readonly Rule VoiceName = TextOr(
        Word("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"),
        Members(new Member("id", Name, Required: true)));

    public static readonly Rule Speed = Number(0.25, 1.5);

    public static readonly Rule OutputTokens = TextOr(Word("inf"), Whole(1, 4096));

    public static readonly Rule NoiseReduction = OrNull(Members(new Member("type", Word("near_field", "far_field"))));

    public static readonly Rule TurnDetection = OrNull(Tagged(
        ("server_vad",
        [
            new("threshold", Number(0, 1)),
            new("prefix_padding_ms", Whole(0, 60_000)),
            new("silence_duration_ms", Whole(0, 60_000)),
            new("idle_timeout_ms", OrNull(Whole(5000, 30_000))),
            new("create_response", Flag),
            new("interrupt_response", Flag),
        ]),
        ("semantic_vad",
        [
            new("eagerness", Word("low", "medium", "high", "auto")),
            new("create_response", Flag),
            new("interrupt_response", Flag),
        ])));

    public static readonly Rule Tracing = OrNull(TextOr(
        Word("auto"),
        Members(new Member("workflow_name", Text), new Member("group_id", Text), new Member("metadata", FreeObject))));

    public static readonly Rule Truncation = TextOr(
        Word("auto", "disabled"),
        Tagged(("retention_ratio",
        [
            new("retention_ratio", Number(0, 1), Required: true),
            new("token_limits", Members(new Member("post_instructions", Whole(0, int.MaxValue)))),
        ])));

    public static readonly Rule Prompt = OrNull(Members(
        new Member("id", Name, Required: true), new Member("version", OrNull(Text)), new Member("variables", OrNull(FreeObject))));

    public static readonly Member[] FunctionTool =
        [new("name", Name, Required: true), new("description", Text), new("parameters", FreeObject)];

    public static readonly (string, Member[]) FunctionChoice = ("function", [new("name", Name, Required: true)]);

    /// <summary>On Azure the transcription model is a deployment of the resource, not a model id.</summary>
    public static Rule Transcription(SimulatorOptions options) => OrNull(Members(
        new Member("model", Word([.. options.TranscriptionDeployments])),
        new Member("language", Text),
        new Member("languages", List(Text)),
        new Member("keywords", List(Text)),
        new Member("prompt", Text),
        new Member("delay", Word("minimal", "low", "medium", "high", "xhigh"))));
}
