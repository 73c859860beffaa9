using System.Text;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>An item of a response while the model fills it, with the events around it.</summary>
internal abstract class OutputItem(ResponseContext context, string responseId, int index, Item item)
{
    public Item Item => item;

    protected ResponseContext Context => context;

    protected string ResponseId => responseId;

    public abstract Tokens Spent { get; }

    /// <param name="words">What will be said, for a message.</param>
    public void Begin(IReadOnlyList<SpokenWord> words)
    {
        Tell("response.output_item.added", new() { ["item"] = item.Json });
        context.Conversation?.Begin(item);
        OnBegin(words);
    }

    public void End(string status)
    {
        OnEnd(status);
        context.Conversation?.End(item);
        Tell("response.output_item.done", new() { ["item"] = item.Json });
    }

    protected abstract void OnBegin(IReadOnlyList<SpokenWord> words);

    protected abstract void OnEnd(string status);

    protected void Tell(string type, JsonObject body)
    {
        body.Insert(0, "response_id", responseId);
        body.Insert(1, "output_index", index);
        context.Outbox.Emit(type, body);
    }

    protected void TellOfItem(string type, JsonObject body)
    {
        body.Insert(0, "item_id", item.Id);
        Tell(type, body);
    }
}

/// <summary>What the model says: as sound with its transcript, or as text.</summary>
internal sealed class OutputMessage(ResponseContext context, string responseId, int index, bool speaks)
    : OutputItem(context, responseId, index, NewItem(context.Knows))
{
    private readonly StringBuilder _said = new();
    private TimeSpan _sound;

    public override Tokens Spent => Tokens.OfText(_said.ToString()) + Tokens.OfSpoken(_sound);

    private string Kind => speaks ? "response.output_audio_transcript" : "response.output_text";

    public void Say(SpokenWord word)
    {
        _said.Append(word.Text);
        Part(Kind + ".delta", new() { ["delta"] = word.Text });
        if (!speaks) return;
        _sound += word.Duration;
        if (Context.Playback is not null) return;
        var sound = Context.Settings.OutputFormat.Encode(word.Samples.Span);
        Part("response.output_audio.delta", new() { ["delta"] = Convert.ToBase64String(sound) });
    }

    protected override void OnBegin(IReadOnlyList<SpokenWord> words)
    {
        Part("response.content_part.added", new() { ["part"] = ContentPart() });
        if (speaks) Context.Playback?.Begin(ResponseId, Item, words);
    }

    protected override void OnEnd(string status)
    {
        if (speaks) Part("response.output_audio.done", []);
        Part(Kind + ".done", new() { [speaks ? "transcript" : "text"] = _said.ToString() });
        Part("response.content_part.done", new() { ["part"] = ContentPart() });
        Item.Finish(status, Content(speaks ? "output_audio" : "output_text"), _sound);
        if (status != "completed") Context.Playback?.EndAfter(Item, _sound);
    }

    private void Part(string type, JsonObject body)
    {
        body.Insert(0, "content_index", 0);
        TellOfItem(type, body);
    }

    // The parts of a response are called otherwise than the parts of an item, says the specification.
    private JsonObject ContentPart() => Content(speaks ? "audio" : "text");

    private JsonObject Content(string type) => new() { ["type"] = type, [speaks ? "transcript" : "text"] = _said.ToString() };

    private static Item NewItem(int knows) => new(new()
    {
        ["id"] = Ids.Item(),
        ["object"] = "realtime.item",
        ["type"] = "message",
        ["status"] = "in_progress",
        ["role"] = "assistant",
        ["content"] = new JsonArray(),
    })
    {
        Knows = knows,
    };
}

/// <summary>A function call that the model writes.</summary>
internal sealed class OutputCall(ResponseContext context, string responseId, int index, ToolCall call)
    : OutputItem(context, responseId, index, NewItem(call, context.Knows))
{
    private readonly StringBuilder _arguments = new();

    public override Tokens Spent => Tokens.OfText(call.Name + _arguments);

    public Tokens SpentWith(string piece) => Tokens.OfText(call.Name + _arguments + piece);

    public void Write(string piece)
    {
        _arguments.Append(piece);
        TellOfItem("response.function_call_arguments.delta", new() { ["call_id"] = Item.CallId, ["delta"] = piece });
    }

    protected override void OnBegin(IReadOnlyList<SpokenWord> words)
    {
    }

    protected override void OnEnd(string status)
    {
        var written = _arguments.ToString();
        TellOfItem("response.function_call_arguments.done",
            new() { ["call_id"] = Item.CallId, ["name"] = call.Name, ["arguments"] = written });
        Item.FinishCall(status, written);
    }

    private static Item NewItem(ToolCall call, int knows) => new(new()
    {
        ["id"] = Ids.Item(),
        ["object"] = "realtime.item",
        ["type"] = "function_call",
        ["status"] = "in_progress",
        ["name"] = call.Name,
        ["call_id"] = Ids.Call(),
        ["arguments"] = "",
    })
    {
        Knows = knows,
    };
}
