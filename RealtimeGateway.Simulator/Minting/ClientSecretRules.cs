using System.Text.Json;
using RealtimeGateway.Simulator.Validation;
using static RealtimeGateway.Simulator.Minting.SharedRules;
using static RealtimeGateway.Simulator.Validation.Rules;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>
/// The shape of a GA <c>client_secrets</c> request: schema <c>RealtimeCreateClientSecretRequest</c> of the OpenAI specification with
/// closed objects, and with <c>session.model</c> required, because on Azure nothing else names the deployment. Transcription sessions
/// are not simulated.
/// </summary>
internal static class ClientSecretRules
{
    public const int DefaultSeconds = 600;

    private static readonly Member[] McpTool =
    [
        new("server_label", Name, Required: true),
        new("server_url", Text),
        new("connector_id", Text),
        new("tunnel_id", Text),
        new("authorization", Text),
        new("server_description", Text),
        new("headers", OrNull(FreeObject)),
        new("allowed_tools", OrNull(AllowedTools)),
        new("allowed_callers", OrNull(List(Word("direct", "programmatic")))),
        new("require_approval", OrNull(TextOr(Word("always", "never"), FreeObject))),
        new("defer_loading", Flag),
    ];

    private static readonly Rule Format = Tagged(
        ("audio/pcm", [new("rate", Whole(24_000, 24_000))]), ("audio/pcmu", []), ("audio/pcma", []));

    private static readonly Rule ToolChoice = TextOr(
        Word("none", "auto", "required"),
        Tagged(FunctionChoice, ("mcp", [new("server_label", Name, Required: true), new("name", OrNull(Text))])));

    private static readonly Member[] VoiceAndFormat = [new("format", Format), new("voice", VoiceName)];

    private static readonly Rule ExpiresAfter =
        Members(new Member("anchor", Word("created_at")), new Member("seconds", Whole(10, 7200)));

    public static Rule For(SimulatorOptions options) => Members(
        new Member("expires_after", ExpiresAfter),
        new Member("session", Minted(options), Required: true));

    // Before the rules that use it: static members are set in the order of the text.
    private static readonly Member[] Answering =
    [
        new("output_modalities", Sets(["audio"], ["text"])),
        new("instructions", Text),
        new("tools", List(Tagged(("function", FunctionTool), ("mcp", McpTool)))),
        new("tool_choice", ToolChoice),
        new("parallel_tool_calls", Flag),
        new("reasoning", Members(new Member("effort", Word("minimal", "low", "medium", "high", "xhigh")))),
        new("max_output_tokens", OutputTokens),
        new("prompt", Prompt),
    ];

    /// <summary>Settings that a <c>response.create</c> may set for itself.</summary>
    public static Member[] Response { get; } = [.. Answering, new("audio", Members(new Member("output", Members(VoiceAndFormat))))];

    /// <summary>The session that a mint, or an SDP exchange without one, opens.</summary>
    public static Rule Minted(SimulatorOptions options) => Session(options, modelIsRequired: true);

    /// <summary>The session of a <c>session.update</c>; the model is there to be compared only.</summary>
    public static Rule Update(SimulatorOptions options) => Session(options, modelIsRequired: false);

    private static Rule Session(SimulatorOptions options, bool modelIsRequired) => Members(
    [
        .. Answering,
        new("type", Word("realtime"), Required: true),
        new("model", Name, modelIsRequired),
        new("audio", Members(new Member("input", Input(options)), new Member("output", Members([.. VoiceAndFormat, new("speed", Speed)])))),
        new("truncation", Truncation),
        new("tracing", Tracing),
        new("include", List(Word("item.input_audio_transcription.logprobs"))),
    ]);

    private static Rule Input(SimulatorOptions options) => Members(
        new Member("format", Format),
        new Member("transcription", Transcription(options)),
        new Member("noise_reduction", NoiseReduction),
        new Member("turn_detection", TurnDetection));

    private static Violation? AllowedTools(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array
            ? List(Text)(value, path)
            : Members(new Member("tool_names", List(Text)), new Member("read_only", Flag))(value, path);
}
