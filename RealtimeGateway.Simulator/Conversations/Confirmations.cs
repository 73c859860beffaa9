using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>What the model says when functions have answered: one sentence for each output since somebody last spoke.</summary>
internal static class Confirmations
{
    public static Reply Of(IReadOnlyList<Item> items)
    {
        var outputs = items.Reverse().TakeWhile(item => item.Type is "function_call_output" or "function_call").Reverse()
            .Where(item => item.Type == "function_call_output");
        return Reply.Say([.. outputs.SelectMany(output => Clips(items.LastOrDefault(item => Calls(item, output)), output.Output))]);
    }

    private static bool Calls(Item item, Item output) => item.Type == "function_call" && item.CallId == output.CallId;

    private static string[] Clips(Item? call, string output)
    {
        if (IsFailure(output)) return [ClipNames.ToolFailed];
        return call?.Name switch
        {
            Intents.ChangeBackground => Change(ClipNames.BackgroundMade, ClipNames.BackgroundChanged, call.Arguments),
            Intents.ChangeText => Change(ClipNames.TextMade, ClipNames.TextChanged, call.Arguments),
            Intents.ReadPage => Page(TextOf(output)),
            _ => [ClipNames.ToolAnswered],
        };
    }

    private static string[] Change(string made, string changed, string arguments) =>
        Parse(arguments) is JsonObject json && Text(json["color"]) is { } css && Colours.Clip(css) is { } colour
            ? [made, colour]
            : [changed];

    private static string[] Page(string html)
    {
        if (WithoutTags(html).Length == 0) return [ClipNames.PageEmpty];
        var title = Inside(html, "title") ?? Inside(html, "h1");
        var clip = title is null ? null : Phrases.All.FirstOrDefault(phrase => IsTitle(phrase.Key, phrase.Value, title)).Key;
        return clip is null ? [ClipNames.PageRead] : [ClipNames.PageCalled, clip];
    }

    private static bool IsTitle(string clip, string words, string title) =>
        clip.StartsWith(ClipNames.TitlePrefix, StringComparison.Ordinal) && Squeezed(words).Equals(Squeezed(title), StringComparison.OrdinalIgnoreCase);

    /// <summary>Tools report an error as they like: a member of that name, a negative <c>ok</c> or <c>success</c>, or a word in front.</summary>
    private static bool IsFailure(string output) => Parse(output) is JsonObject json
        ? json["error"] is not null || IsFalse(json["ok"]) || IsFalse(json["success"]) || Text(json["status"]) == "error"
        : output.TrimStart().StartsWith("error", StringComparison.OrdinalIgnoreCase);

    private static string TextOf(string output) => Parse(output) switch
    {
        JsonObject json => Text(json["html"]) ?? Text(json["result"]) ?? output,
        JsonValue value => Text(value) ?? output,
        _ => output,
    };

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsFalse(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && !flag;

    private static string? Inside(string html, string tag)
    {
        var from = html.IndexOf('<' + tag, StringComparison.OrdinalIgnoreCase);
        var start = from < 0 ? -1 : html.IndexOf('>', from);
        var end = start < 0 ? -1 : html.IndexOf("</" + tag, start, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? null : WithoutTags(html[(start + 1)..end]);
    }

    private static string WithoutTags(string html) =>
        WebUtility.HtmlDecode(string.Concat(html.Split('<').Select((part, i) => i == 0 ? part : AfterTag(part)))).Trim();

    private static string AfterTag(string part) => part.IndexOf('>') is >= 0 and var end ? part[(end + 1)..] : "";

    private static string Squeezed(string text) => string.Concat(text.Where(char.IsLetterOrDigit));
}
