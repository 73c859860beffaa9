using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>
/// Translates events between the preview surface and GA, in which the conversation thinks: other names of events, flat sessions, and
/// <c>text</c> and <c>audio</c> instead of <c>output_text</c> and <c>output_audio</c> in items.
/// </summary>
internal static class PreviewEvents
{
    // The preview has one event for an item, and sends it when the item begins.
    private const string Dropped = "conversation.item.done";

    private static readonly Dictionary<string, string> Names = new()
    {
        ["conversation.item.added"] = "conversation.item.created",
        ["response.output_text.delta"] = "response.text.delta",
        ["response.output_text.done"] = "response.text.done",
        ["response.output_audio.delta"] = "response.audio.delta",
        ["response.output_audio.done"] = "response.audio.done",
        ["response.output_audio_transcript.delta"] = "response.audio_transcript.delta",
        ["response.output_audio_transcript.done"] = "response.audio_transcript.done",
    };

    /// <summary>A server event, or null when the preview has no such event. It takes what it is given apart.</summary>
    public static JsonObject? FromGa(JsonObject serverEvent)
    {
        var type = serverEvent["type"]!.GetValue<string>();
        if (type == Dropped) return null;
        if (Names.TryGetValue(type, out var name)) serverEvent["type"] = name;
        if (serverEvent["session"] is JsonObject session) serverEvent["session"] = PreviewSession.FromGa(session);
        if (serverEvent["item"] is JsonObject item) RenameParts(item, fromGa: true);
        if (serverEvent["response"] is JsonObject response) serverEvent["response"] = Response(response);
        return serverEvent;
    }

    /// <summary>A client event that is known to be a good one of the preview surface.</summary>
    public static JsonObject ToGa(JsonObject clientEvent)
    {
        if (clientEvent["session"] is JsonObject session) clientEvent["session"] = PreviewSession.ToGa(session);
        if (clientEvent["item"] is JsonObject item) RenameParts(item, fromGa: false);
        if (clientEvent["response"] is not JsonObject response) return clientEvent;
        foreach (var one in response["input"] as JsonArray ?? []) RenameParts(one!.AsObject(), fromGa: false);
        clientEvent["response"] = PreviewSession.ToGa(response);
        return clientEvent;
    }

    private static JsonObject Response(JsonObject ga)
    {
        foreach (var item in ga["output"]!.AsArray()) RenameParts(item!.AsObject(), fromGa: true);
        var flat = PreviewSession.FromGa(ga);
        // A response calls it as GA does, a session does not.
        flat["max_output_tokens"] = flat["max_response_output_tokens"]?.DeepClone();
        flat.Remove("max_response_output_tokens");
        return flat;
    }

    private static void RenameParts(JsonObject item, bool fromGa)
    {
        if (item["role"]?.GetValue<string>() != "assistant") return;
        foreach (var part in item["content"] as JsonArray ?? [])
        {
            var type = part!["type"]!.GetValue<string>();
            part["type"] = fromGa ? type.Replace("output_", "", StringComparison.Ordinal) : "output_" + type;
        }
    }
}
