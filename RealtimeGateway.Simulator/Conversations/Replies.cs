using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>Decides what the model answers to a conversation: a pure function of its items and of what the response may do.</summary>
internal static class Replies
{
    public static Reply To(IReadOnlyList<Item> items, Abilities abilities)
    {
        var last = items.LastOrDefault(item => item.Role != "system");
        // What came while the model was about to say something else stands before that, and waits for its answer.
        if (last is { Role: "assistant" } or { Type: "function_call" })
            last = items.LastOrDefault(item => item.Role == "user" && item.Number > last.Knows) ?? last;
        if (abilities is { MayCall: true, MustCall: true }) return Forced(items, abilities);
        return last switch
        {
            { Type: "function_call_output" } => Confirmations.Of(items),
            { Role: "user" } => Answer(last, abilities),
            { Role: "assistant" } or { Type: "function_call" } => Reply.Say(ClipNames.Listening),
            _ => Reply.Say(ClipNames.Greeting),
        };
    }

    private static Reply Answer(Item user, Abilities abilities)
    {
        if (user.Words.Length == 0) return Reply.Say(user.HoldsPicture ? ClipNames.Picture : ClipNames.Listening);
        Reply[] parts = [.. Intents.Of(user.Words, abilities.Tools).Select(intent => Follow(intent, abilities))];
        ToolCall[] calls = [.. parts.SelectMany(part => part.Calls)];
        return new([.. parts.SelectMany(part => part.Clips).Distinct()], abilities.InParallel ? calls : [.. calls.Take(1)]);
    }

    private static Reply Follow(Intent intent, Abilities abilities) => intent switch
    {
        Intent.Hear hear => Reply.Say(hear.Clip),
        Intent.Use or Intent.UseUnknown when !abilities.MayCall => Reply.Say(ClipNames.ToolForbidden),
        Intent.UseUnknown unknown => Reply.Call(unknown.Call),
        Intent.Use use when abilities.Find(use.Call.Name) is not null => Reply.Call(use.Call),
        _ => Reply.Say(ClipNames.ToolMissing),
    };

    /// <summary>A call has to be made: the one that was asked for if it is allowed, else one with made-up arguments.</summary>
    private static Reply Forced(IReadOnlyList<Item> items, Abilities abilities)
    {
        var tools = abilities.Tools.Where(tool => abilities.Named is null || tool.Name == abilities.Named).ToList();
        if (tools.Count == 0) return Reply.Say(ClipNames.ToolMissing);
        var words = items.LastOrDefault(item => item.Role == "user")?.Words ?? "";
        var asked = Intents.Of(words, tools).OfType<Intent.Use>().Select(use => use.Call)
            .Where(call => tools.Exists(tool => tool.Name == call.Name)).ToList();
        if (asked.Count == 0) asked.Add(new(tools[0].Name, ExampleArguments.For(tools[0].Parameters)));
        return Reply.Call([.. asked.Take(abilities.InParallel ? asked.Count : 1)]);
    }
}
