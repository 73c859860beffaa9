using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>An item of a conversation: its JSON as events show it, and what only the model knows about it.</summary>
internal sealed class Item(JsonObject json)
{
    /// <summary>A copy to put into an event.</summary>
    public JsonObject Json => json.DeepClone().AsObject();

    public string Id { get; } = json["id"]!.GetValue<string>();

    public string Type { get; } = json["type"]!.GetValue<string>();

    public string? Role { get; } = json["role"]?.GetValue<string>();

    public string? CallId { get; } = json["call_id"]?.GetValue<string>();

    public string? Name { get; } = json["name"]?.GetValue<string>();

    public string Arguments => json["arguments"]?.GetValue<string>() ?? "";

    public string Output => json["output"]?.GetValue<string>() ?? "";

    /// <summary>When it came into the conversation: the how manieth it was; 0 outside of one.</summary>
    public int Number { get; set; }

    /// <summary>Of what the model makes, the <see cref="Number"/> of the last item that it knew of when it began to think.</summary>
    public int Knows { get; init; } = int.MaxValue;

    /// <summary>How much sound it holds.</summary>
    public TimeSpan Sound { get; private set; }

    /// <summary>The words in it, read or heard.</summary>
    public string Words { get; private set; } = WordsOf(json);

    public bool HoldsPicture => Content.Any(part => part?["type"]?.GetValue<string>() == "input_image");

    private JsonArray Content => json["content"] as JsonArray ?? [];

    /// <summary>Completes what a client sent: an id if it has none, <c>object</c> and <c>status</c>.</summary>
    public static Item FromClient(JsonObject sent)
    {
        var item = new JsonObject
        {
            ["id"] = sent["id"]?.DeepClone() ?? Ids.Item(),
            ["object"] = "realtime.item",
            ["type"] = sent["type"]!.DeepClone(),
            ["status"] = "completed",
        };
        foreach (var (name, value) in sent)
            if (!item.ContainsKey(name)) item[name] = value?.DeepClone();
        return new(item);
    }

    /// <summary>What the user said: sound whose words the events tell only when the session transcribes.</summary>
    public static Item Heard(string id, TimeSpan sound, string words) => new(new()
    {
        ["id"] = id,
        ["object"] = "realtime.item",
        ["type"] = "message",
        ["status"] = "completed",
        ["role"] = "user",
        ["content"] = new JsonArray(new JsonObject { ["type"] = "input_audio", ["transcript"] = null }),
    })
    {
        Sound = sound,
        Words = words,
    };

    public void Transcribe() => Content[0]!["transcript"] = Words;

    public void Finish(string status, JsonObject? part, TimeSpan sound)
    {
        json["status"] = status;
        if (part is not null) json["content"] = new JsonArray(part.DeepClone());
        (Sound, Words) = (sound, WordsOf(json));
    }

    public void FinishCall(string status, string arguments) => (json["status"], json["arguments"]) = (status, arguments);

    /// <summary>Forgets what was not heard. Nobody knows which words those were, so the transcript goes whole.</summary>
    public void Truncate(TimeSpan heard)
    {
        foreach (var part in Content) part!.AsObject().Remove("transcript");
        (Sound, Words) = (heard, "");
    }

    private static string WordsOf(JsonObject json) => string.Join(' ', (json["content"] as JsonArray ?? [])
        .Select(part => (part?["text"] ?? part?["transcript"])?.GetValue<string>())
        .Where(words => !string.IsNullOrEmpty(words)));
}
