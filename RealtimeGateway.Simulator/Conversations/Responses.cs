using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// The responses under way: one at a time for the default conversation, and any number beside it (<c>conversation: "none"</c>).
/// </summary>
internal sealed class Responses(Clock clock, Outbox outbox, History history, Playback? playback)
{
    private const int RequestsLimit = 200;
    private const int TokensLimit = 100_000;
    private const int ResetSeconds = 60;

    private readonly Dictionary<string, (ResponseRun Run, IDisposable Routine)> _running = [];
    private Tokens _inputBefore;
    private SessionSettings? _waiting;
    private bool _hasSpoken;

    /// <summary>After the first sound the voice stays what it is.</summary>
    public bool HasSpoken => _hasSpoken || _running.Values.Any(one => one.Run.Speaks);

    /// <summary>Called when the model begins to answer in the default conversation.</summary>
    public required Action Begun { get; init; }

    /// <summary>Called when it has said something there, with how long it takes until that is heard.</summary>
    public required Action<TimeSpan> Spoken { get; init; }

    private ResponseRun? Active => _running.Values.Select(one => one.Run).FirstOrDefault(run => run.Context.Conversation is not null);

    /// <summary>Answers a <c>response.create</c> with the parameters of that event, in GA shape.</summary>
    public Violation? Create(SessionSettings session, JsonObject parameters)
    {
        var isBeside = parameters["conversation"]?.GetValue<string>() == "none";
        if (!isBeside && Active is { } active)
        {
            return Violation.Of("conversation_already_has_active_response",
                $"Conversation already has an active response in progress: {active.Id}. Wait until the response is finished before creating a new one.");
        }

        if (HasSpoken && session.ChangesVoice(parameters)) return VoiceIsFixed("response.audio.output.voice");
        var context = ContextOf(parameters["input"] as JsonArray, out var violation);
        if (violation is null) Start(session.With(Overrides(parameters)), context, isBeside, parameters["metadata"] as JsonObject);
        return violation;
    }

    /// <summary>Answers the user's turn: at once, or as soon as the running response is done.</summary>
    public void Answer(SessionSettings session)
    {
        if (Active is null) Start(session, history.Items, isBeside: false, metadata: null);
        else _waiting = session;
    }

    public Violation? Cancel(string? id, string reason)
    {
        var run = id is null ? Active : _running.GetValueOrDefault(id).Run;
        if (run is null) return Violation.Of("response_cancel_not_active", "Cancellation failed: no active response found.");
        _running[run.Id].Routine.Dispose();
        run.End("cancelled", reason);
        return null;
    }

    /// <summary>Speech of the user stops what the model makes and what is heard of it.</summary>
    public void Interrupt()
    {
        _waiting = null;
        Cancel(null, "turn_detected");
        playback?.Clear();
    }

    /// <summary>The conversation is over; nothing more is made.</summary>
    public void Stop()
    {
        foreach (var (_, routine) in _running.Values) routine.Dispose();
    }

    public static Violation VoiceIsFixed(string param) =>
        Violation.Of("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.", param);

    private void Start(SessionSettings settings, IReadOnlyList<Item> context, bool isBeside, JsonObject? metadata)
    {
        var input = InputOf(settings, context);
        var run = new ResponseRun(new()
        {
            Outbox = outbox,
            Settings = settings,
            Conversation = isBeside ? null : history,
            Knows = history.LastNumber,
            Playback = playback,
            Metadata = metadata,
            Input = input,
            Cached = Usage.CachedOf(input, _inputBefore),
            WhenEnded = Ended,
        });
        _inputBefore = input;
        if (!isBeside) Begun();
        var routine = clock.Run(run.Make(Replies.To(context, Abilities.Of(settings))));
        _running.Add(run.Id, (run, routine));
    }

    private void Ended(ResponseRun run, string status)
    {
        _running.Remove(run.Id);
        _hasSpoken |= run.Sound > TimeSpan.Zero;
        TellLimits(run.Usage);
        if (run.Context.Conversation is null) return;
        if (run.Speaks) Spoken(playback?.Remaining ?? run.Sound);
        if (_waiting is not { } waiting) return;
        _waiting = null;
        Answer(waiting);
    }

    private void TellLimits(Usage usage) => outbox.Emit("rate_limits.updated", new()
    {
        ["rate_limits"] = new JsonArray(
            Limit("requests", RequestsLimit, 1), Limit("tokens", TokensLimit, usage.Input.Total + usage.Output.Total)),
    });

    private List<Item> ContextOf(JsonArray? input, out Violation? violation)
    {
        violation = null;
        if (input is null) return [.. history.Items];
        var context = new List<Item>();
        foreach (var sent in input.Select(node => node!.AsObject()))
        {
            if (sent["type"]!.GetValue<string>() != "item_reference") context.Add(Item.FromClient(sent));
            else if (history.Find(sent["id"]!.GetValue<string>()) is { } item) context.Add(item);
            else violation ??= Violation.Of("invalid_value", $"The item with id '{sent["id"]}' does not exist.", "response.input");
        }

        return context;
    }

    private static Tokens InputOf(SessionSettings settings, IEnumerable<Item> context) =>
        context.Select(Tokens.OfInput).Aggregate(
            Tokens.OfText(settings.Instructions) + Tokens.OfText(settings.Tools.Count > 0 ? settings.Tools.ToJsonString() : ""),
            (sum, tokens) => sum + tokens);

    private static JsonObject Overrides(JsonObject parameters)
    {
        var overrides = parameters.DeepClone().AsObject();
        foreach (var own in new[] { "conversation", "metadata", "input" }) overrides.Remove(own);
        return overrides;
    }

    private static JsonObject Limit(string name, int limit, int used) => new()
    {
        ["name"] = name,
        ["limit"] = limit,
        ["remaining"] = Math.Max(limit - used, 0),
        ["reset_seconds"] = ResetSeconds,
    };
}
