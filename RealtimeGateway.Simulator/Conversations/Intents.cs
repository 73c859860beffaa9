using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>What somebody wants: a call of a function, or something to hear.</summary>
internal abstract record Intent
{
    /// <summary>A function of that name shall be called.</summary>
    internal sealed record Use(ToolCall Call) : Intent;

    /// <summary>A function shall be called that the session does not have.</summary>
    internal sealed record UseUnknown(ToolCall Call) : Intent;

    /// <summary>A clip is the answer.</summary>
    internal sealed record Hear(string Clip) : Intent;
}

/// <summary>
/// Understands a sentence as far as a table goes. A row is what the sentence has to contain and what it then means; the first row that
/// fits counts, and colours go before all rows.
/// </summary>
internal static class Intents
{
    public const string ChangeBackground = "changeBackgroundColor";
    public const string ChangeText = "changeTextColor";
    public const string ReadPage = "getPageHTML";
    public const string Unknown = "toolThatDoesNotExist";

    private static readonly string[] Background = ["background", "backdrop", "page", "screen"];
    private static readonly string[] Text = ["text", "texts", "font", "letters", "writing", "words", "foreground"];

    // They stand between a thing and its colour and mean nothing.
    private static readonly HashSet<string> Fillers =
        ["colour", "color", "colours", "colors", "coloured", "colored", "to", "the", "a", "an", "in", "into", "of", "be", "is", "it", "as", "please"];

    private static readonly (string[] AllOf, string[] OneOf, Intent Meaning)[] Table =
    [
        ([], ["unknown tool", "tool that does not exist", "tool that doesn't exist", "nonexistent tool", "missing tool"], new Intent.UseUnknown(new(Unknown, "{}"))),
        (["page"], ["what", "read", "tell", "see", "describe", "summarise", "summarize", "content"], new Intent.Use(new(ReadPage, "{}"))),
        (["html"], ["what", "get", "read", "show", "give"], new Intent.Use(new(ReadPage, "{}"))),
        (["story"], ["tell", "story"], new Intent.Hear(ClipNames.Story)),
        ([], ["who are you", "what are you", "your name", "are you real"], new Intent.Hear(ClipNames.Who)),
        ([], ["help", "what can you do", "what can i"], new Intent.Hear(ClipNames.Help)),
        ([], ["thank", "thanks", "cheers"], new Intent.Hear(ClipNames.Thanks)),
        ([], ["goodbye", "bye", "see you"], new Intent.Hear(ClipNames.Goodbye)),
        ([], ["hello", "hi", "hey", "good morning", "good evening"], new Intent.Hear(ClipNames.Hello)),
    ];

    public static IReadOnlyList<Intent> Of(string sentence, IReadOnlyList<Tool> tools)
    {
        var words = Words(sentence);
        var changes = Changes([.. words.Where(word => !Fillers.Contains(word))]);
        if (changes.Count > 0) return changes;
        if (tools.FirstOrDefault(tool => sentence.Contains(tool.Name, StringComparison.OrdinalIgnoreCase)) is { } named)
            return [new Intent.Use(new(named.Name, ExampleArguments.For(named.Parameters)))];
        var plain = $" {string.Join(' ', words)} ";
        var row = Table.FirstOrDefault(row => row.AllOf.All(phrase => Has(plain, phrase)) && row.OneOf.Any(phrase => Has(plain, phrase)));
        if (row.Meaning is not null) return [row.Meaning];
        var asksForChange = words.Any(word => word is "change" or "make" or "set") && words.Any(word => Background.Contains(word) || Text.Contains(word));
        return [new Intent.Hear(asksForChange ? ClipNames.WhichColour : ClipNames.SmallTalk)];
    }

    /// <summary>Each thing that can have a colour takes the colour next to it.</summary>
    private static List<Intent> Changes(IReadOnlyList<string> words)
    {
        NamedColour[] colours = [.. Colours.In(words)];
        (string Tool, int At)[] things = [.. words.Index().Select(word => (ToolOf(word.Item), word.Index)).Where(thing => thing.Item1.Length > 0)];
        if (colours.Length == 0 || things.Length == 0) return [];
        // "Blue background, red text" and "background blue, text red" differ in this only.
        var colourComesFirst = colours[0].At < things[0].At;
        return [.. things.DistinctBy(thing => thing.Tool).Select(thing => Change(thing.Tool, Nearest(colours, thing.At, colourComesFirst)))];
    }

    private static NamedColour Nearest(NamedColour[] colours, int at, bool colourComesFirst) => colours
        .OrderBy(colour => colour.At > at ? colour.At - at : at - (colour.At + colour.Length - 1))
        .ThenBy(colour => colour.At < at != colourComesFirst)
        .First();

    private static Intent.Use Change(string tool, NamedColour colour) =>
        new(new(tool, new JsonObject { ["color"] = colour.Css }.ToJsonString()));

    private static string ToolOf(string word) => Background.Contains(word) ? ChangeBackground : Text.Contains(word) ? ChangeText : "";

    private static bool Has(string sentence, string phrase) => sentence.Contains($" {phrase} ", StringComparison.Ordinal);

    private static string[] Words(string sentence) =>
        [.. sentence.ToLowerInvariant().Split([' ', '\t', '\n', ',', '.', ';', ':', '!', '?', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries)];
}
