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

    private static readonly Rule ExpiresAfter =
        Members(new Member("anchor", Word("created_at")), new Member("seconds", Whole(10, 7200)));

    public static Rule For(SimulatorOptions options) => Members(
        new Member("expires_after", ExpiresAfter),
        new Member("session", Session(options), Required: true));

    private static Rule Session(SimulatorOptions options) => Members(
        new Member("type", Word("realtime"), Required: true),
        new Member("model", Name, Required: true),
        new Member("output_modalities", Sets(["audio"], ["text"])),
        new Member("instructions", Text),
        new Member("audio", Members(new Member("input", Input(options)), new Member("output", Output()))),
        new Member("tools", List(Tagged(("function", FunctionTool), ("mcp", McpTool)))),
        new Member("tool_choice", ToolChoice),
        new Member("parallel_tool_calls", Flag),
        new Member("reasoning", Members(new Member("effort", Word("minimal", "low", "medium", "high", "xhigh")))),
        new Member("max_output_tokens", OutputTokens),
        new Member("truncation", Truncation),
        new Member("tracing", Tracing),
        new Member("prompt", Prompt),
        new Member("include", List(Word("item.input_audio_transcription.logprobs"))));

    private static Rule Input(SimulatorOptions options) => Members(
        new Member("format", Format),
        new Member("transcription", Transcription(options)),
        new Member("noise_reduction", NoiseReduction),
        new Member("turn_detection", TurnDetection));

    private static Rule Output() => Members(new Member("format", Format), new Member("voice", Voice), new Member("speed", Speed));

    private static Violation? AllowedTools(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array
            ? List(Text)(value, path)
            : Members(new Member("tool_names", List(Text)), new Member("read_only", Flag))(value, path);
}
