using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// One response while the model makes it: from <c>response.created</c> over its items to <c>response.done</c>. It is made a few times
/// faster than it is spoken, as the service does.
/// </summary>
internal sealed class ResponseRun(ResponseContext context)
{
    private const double TimesRealTime = 4;
    private const int ArgumentPiece = 8;
    private static readonly TimeSpan Thought = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan PieceTime = TimeSpan.FromMilliseconds(15);

    private readonly List<Item> _output = [];
    private Tokens _spent;
    private OutputItem? _open;

    public string Id { get; } = Ids.Response();

    public ResponseContext Context => context;

    /// <summary>What it costs so far.</summary>
    public Usage Usage => new(context.Input, context.Cached, _spent + (_open?.Spent ?? default));

    /// <summary>Whether it says something, rather than only calls functions.</summary>
    public bool Speaks => _output.Exists(item => item.Type == "message");

    /// <summary>How much sound it made.</summary>
    public TimeSpan Sound => _output.Aggregate(TimeSpan.Zero, (sum, item) => sum + item.Sound);

    /// <summary>Makes the response; each step says how long the model takes until the next.</summary>
    public IEnumerable<TimeSpan> Make(Reply reply)
    {
        Emit("response.created", new() { ["response"] = Describe("in_progress", null, null) });
        yield return Thought;
        if (reply.Clips.Count > 0)
        {
            foreach (var pause in Speak(Speech.Of(reply.Clips))) yield return pause;
        }

        foreach (var call in reply.Calls)
        {
            foreach (var pause in Call(call)) yield return pause;
        }

        if (!context.HasEnded) End("completed", null);
    }

    /// <summary>Ends the response with what it has: an item that is not finished is incomplete.</summary>
    public void End(string status, string? reason)
    {
        CloseItem(status == "completed" ? "completed" : "incomplete");
        var details = reason is null ? null : new JsonObject { ["type"] = status, ["reason"] = reason };
        Emit("response.done", new() { ["response"] = Describe(status, details, Usage) });
        context.Ended(this, status);
    }

    private IEnumerable<TimeSpan> Speak(IReadOnlyList<SpokenWord> words)
    {
        var speaks = context.Settings.Speaks;
        var affordable = Affordable(words, speaks);
        var message = new OutputMessage(context, Id, _output.Count, speaks);
        Open(message, affordable);
        foreach (var word in affordable)
        {
            yield return word.Duration / TimesRealTime;
            message.Say(word);
        }

        if (affordable.Count < words.Count) End("incomplete", "max_output_tokens");
        else CloseItem("completed");
    }

    private IEnumerable<TimeSpan> Call(ToolCall call)
    {
        // A response that ran out of tokens has ended.
        if (context.HasEnded) yield break;
        var output = new OutputCall(context, Id, _output.Count, call);
        Open(output, []);
        foreach (var piece in call.Arguments.Chunk(ArgumentPiece))
        {
            yield return PieceTime;
            if (!Affords(output.SpentWith(new string(piece))))
            {
                End("incomplete", "max_output_tokens");
                yield break;
            }

            output.Write(new(piece));
        }

        CloseItem("completed");
    }

    private void Open(OutputItem item, IReadOnlyList<SpokenWord> words)
    {
        _open = item;
        _output.Add(item.Item);
        item.Begin(words);
    }

    private void CloseItem(string status)
    {
        _open?.End(status);
        _spent += _open?.Spent ?? default;
        _open = null;
    }

    private List<SpokenWord> Affordable(IReadOnlyList<SpokenWord> words, bool speaks)
    {
        var (text, sound) = ("", TimeSpan.Zero);
        return [.. words.TakeWhile(word =>
        {
            (text, sound) = (text + word.Text, sound + (speaks ? word.Duration : TimeSpan.Zero));
            return Affords(Tokens.OfText(text) + Tokens.OfSpoken(sound));
        })];
    }

    private bool Affords(Tokens more) => context.Settings.MaxOutputTokens is not { } limit || (_spent + more).Total <= limit;

    private JsonObject Describe(string status, JsonObject? details, Usage? usage) => new()
    {
        ["object"] = "realtime.response",
        ["id"] = Id,
        ["status"] = status,
        ["status_details"] = details,
        ["output"] = new JsonArray([.. _output.Select(item => item.Json)]),
        ["conversation_id"] = context.Conversation?.ConversationId,
        ["output_modalities"] = new JsonArray(context.Settings.Speaks ? "audio" : "text"),
        ["max_output_tokens"] = context.Settings.Json["max_output_tokens"]?.DeepClone(),
        ["audio"] = new JsonObject { ["output"] = context.Settings.OutputJson },
        ["usage"] = usage?.ToJson(),
        ["metadata"] = context.Metadata?.DeepClone(),
    };

    private void Emit(string type, JsonObject body) => context.Outbox.Emit(type, body);
}
