using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>The items of the default conversation in their order, and the events that tell of them.</summary>
internal sealed class History(Outbox outbox)
{
    private const string Root = "root";

    private readonly List<Item> _items = [];

    public string ConversationId { get; } = Ids.Conversation();

    public IReadOnlyList<Item> Items => _items;

    /// <summary>The number of the last item that came.</summary>
    public int LastNumber { get; private set; }

    public string? LastId => _items.Count > 0 ? _items[^1].Id : null;

    public Item? Find(string id) => _items.Find(item => item.Id == id);

    /// <summary>Adds an item that has to be filled yet.</summary>
    public void Begin(Item item, string? after = null)
    {
        var index = after switch
        {
            null => _items.Count,
            Root => 0,
            _ => _items.FindIndex(other => other.Id == after) + 1,
        };
        item.Number = ++LastNumber;
        _items.Insert(index, item);
        Tell("conversation.item.added", item);
    }

    public void End(Item item) => Tell("conversation.item.done", item);

    public void Add(Item item, string? after = null)
    {
        Begin(item, after);
        End(item);
    }

    public Violation? Create(JsonObject sent, string? after)
    {
        if (sent["id"]?.GetValue<string>() is { } id && Find(id) is not null)
            return Violation.Of("item_create_duplicate_item_id", $"Error adding item: an item with id '{id}' exists already.", "item.id");
        if (after is not (null or Root) && Find(after) is null)
            return Violation.Of("item_create_invalid_previous_item_id", $"Error adding item: previous item '{after}' does not exist.", "previous_item_id");
        if (sent["type"]!.GetValue<string>() == "function_call_output" && !Calls(sent["call_id"]!.GetValue<string>()))
            return Violation.Of("invalid_tool_call_id", "Tool call id is not that of a function call in this conversation.", "item.call_id");
        Add(Item.FromClient(sent), after);
        return null;
    }

    public Violation? Retrieve(string id)
    {
        if (Find(id) is not { } item) return Missing("retriev", id);
        outbox.Emit("conversation.item.retrieved", new() { ["item"] = item.Json });
        return null;
    }

    public Violation? Delete(string id)
    {
        if (Find(id) is not { } item) return Missing("delet", id);
        _items.Remove(item);
        outbox.Emit("conversation.item.deleted", new() { ["item_id"] = id });
        return null;
    }

    public Violation? Truncate(string id, int contentIndex, int audioEndMs)
    {
        if (Find(id) is not { } item) return Missing("truncat", id);
        if (item.Role != "assistant" || item.Sound == TimeSpan.Zero)
            return Violation.Of("unsupported_content_type", "Only model output audio messages can be truncated.", "item_id");
        if (contentIndex != 0) return Violation.Invalid("content_index", "0: there is one content part");
        var length = (int)item.Sound.TotalMilliseconds;
        if (audioEndMs > length)
            return Violation.Of("invalid_value", $"Audio content of {length}ms is already shorter than {audioEndMs}ms.", "audio_end_ms");
        Truncate(item, TimeSpan.FromMilliseconds(audioEndMs));
        return null;
    }

    public void Truncate(Item item, TimeSpan heard)
    {
        item.Truncate(heard);
        outbox.Emit("conversation.item.truncated", new()
        {
            ["item_id"] = item.Id,
            ["content_index"] = 0,
            ["audio_end_ms"] = (int)heard.TotalMilliseconds,
        });
    }

    private bool Calls(string callId) => _items.Exists(item => item.Type == "function_call" && item.CallId == callId);

    private void Tell(string type, Item item)
    {
        var index = _items.IndexOf(item);
        // Deleted while the model still filled it.
        if (index < 0) return;
        outbox.Emit(type, new() { ["previous_item_id"] = index > 0 ? _items[index - 1].Id : null, ["item"] = item.Json });
    }

    private static Violation Missing(string doing, string id) =>
        Violation.Of($"item_{doing}e_invalid_item_id", $"Error {doing}ing item: the item with id '{id}' does not exist.", "item_id");
}
