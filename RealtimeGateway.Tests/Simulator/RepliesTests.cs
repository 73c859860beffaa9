using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class RepliesTests
{
    private static readonly Tool[] Page = [new(Intents.ChangeBackground, null), new(Intents.ChangeText, null), new(Intents.ReadPage, null)];

    [Theory]
    [InlineData("make the background blue", "changeBackgroundColor blue")]
    [InlineData("Make the background BLUE!", "changeBackgroundColor blue")]
    [InlineData("change the text colour to white", "changeTextColor white")]
    [InlineData("change the text color to gray, please", "changeTextColor gray")]
    [InlineData("set the font to dark olive green", "changeTextColor darkolivegreen")]
    [InlineData("background rebeccapurple", "changeBackgroundColor rebeccapurple")]
    [InlineData("paint the background #ff8800", "changeBackgroundColor #ff8800")]
    [InlineData("paint the background #FA0", "changeBackgroundColor #fa0")]
    [InlineData("make the page light blue", "changeBackgroundColor lightblue")]
    [InlineData("background dark and text yellow", "changeBackgroundColor #202124", "changeTextColor yellow")]
    [InlineData("yellow text on a dark background", "changeTextColor yellow", "changeBackgroundColor #202124")]
    [InlineData("blue background, red text", "changeBackgroundColor blue", "changeTextColor red")]
    [InlineData("background colour red, text colour blue", "changeBackgroundColor red", "changeTextColor blue")]
    [InlineData("make the background a light pink and the text navy", "changeBackgroundColor lightpink", "changeTextColor navy")]
    [InlineData("what is on this page?", "getPageHTML {}")]
    [InlineData("Read me the page", "getPageHTML {}")]
    [InlineData("use an unknown tool", "toolThatDoesNotExist {}")]
    [InlineData("call a tool that does not exist", "toolThatDoesNotExist {}")]
    public void A_wish_becomes_calls(string words, params string[] calls) => Assert.Equal(calls, Calls(Ask(words)));

    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("Hi there", "hello")]
    [InlineData("thank you", "thanks")]
    [InlineData("who are you?", "who")]
    [InlineData("help", "help")]
    [InlineData("tell me a long story", "story")]
    [InlineData("goodbye", "goodbye")]
    [InlineData("the weather is nice", "smalltalk")]
    [InlineData("I read a blue book", "smalltalk")]
    [InlineData("change the background", "which-colour")]
    [InlineData("background #12", "smalltalk")]
    public void Anything_else_is_talk(string words, string clip)
    {
        var reply = Ask(words);

        Assert.Equal([clip], reply.Clips);
        Assert.Empty(reply.Calls);
    }

    [Fact]
    public void A_function_that_the_session_does_not_have_is_not_called()
    {
        var reply = Ask("background dark and text yellow", [Page[0]]);

        Assert.Equal(["changeBackgroundColor #202124"], Calls(reply));
        Assert.Equal(["tool-missing"], reply.Clips);
        Assert.Equal(["tool-missing"], Ask("what is on this page", []).Clips);
    }

    [Fact]
    public void A_function_can_be_called_by_its_name()
    {
        var schema = JsonNode.Parse("""
            {"type":"object","required":["city","days","unit","deep"],
             "properties":{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]},"other":{"type":"string"},
                           "deep":{"type":"object","required":["list"],"properties":{"list":{"type":"array"}}}}}
            """);

        var call = Assert.Single(Ask("please use get_weather", [new("get_weather", schema)]).Calls);

        Assert.Equal(("get_weather", """{"city":"example","days":1,"unit":"C","deep":{"list":[]}}"""), (call.Name, call.Arguments));
    }

    [Fact]
    public void Tool_choice_is_kept()
    {
        Assert.Equal(["tool-forbidden"], Ask("make the background blue", choice: new(Page, false, false, null, true)).Clips);
        Assert.Equal(["changeBackgroundColor {}"], Calls(Ask("hello", choice: new(Page, true, true, null, true))));
        Assert.Equal(["changeTextColor red"], Calls(Ask("make the text red", choice: new(Page, true, true, null, true))));
        Assert.Equal(["getPageHTML {}"], Calls(Ask("make the text red", choice: new(Page, true, true, "getPageHTML", true))));
        Assert.Equal(["tool-missing"], Ask("hello", choice: new([], true, true, null, true)).Clips);
        Assert.Equal(["changeBackgroundColor #202124"], Calls(Ask("background dark and text yellow", choice: new(Page, true, false, null, false))));
    }

    [Theory]
    [InlineData("changeBackgroundColor", """{"color":"blue"}""", "ok", "background-made colour-blue")]
    [InlineData("changeBackgroundColor", """{"color":"Gray"}""", "", "background-made colour-grey")]
    [InlineData("changeTextColor", """{"color":"#202124"}""", """{"ok":true}""", "text-made colour-dark")]
    [InlineData("changeTextColor", """{"color":"#ff8800"}""", "null", "text-changed")]
    [InlineData("changeTextColor", "not json", "ok", "text-changed")]
    [InlineData("changeTextColor", """{"color":"blue"}""", """{"error":"no"}""", "tool-failed")]
    [InlineData("changeTextColor", """{"color":"blue"}""", """{"ok":false}""", "tool-failed")]
    [InlineData("changeTextColor", """{"color":"blue"}""", """{"success":false}""", "tool-failed")]
    [InlineData("changeTextColor", """{"color":"blue"}""", "Error: no such colour", "tool-failed")]
    [InlineData("getPageHTML", "{}", "<main><h1>Realtime<b>Gateway</b></h1></main>", "page-called title-gateway")]
    [InlineData("getPageHTML", "{}", """{"html":"<h1 class='x'>RealtimeGateway</h1>"}""", "page-called title-gateway")]
    [InlineData("getPageHTML", "{}", "\"<h1>RealtimeGateway</h1>\"", "page-called title-gateway")]
    [InlineData("getPageHTML", "{}", "<h1>Something else</h1>", "page-read")]
    [InlineData("getPageHTML", "{}", "<main></main>", "page-empty")]
    [InlineData("getPageHTML", "{}", "<h1", "page-empty")]
    [InlineData("toolThatDoesNotExist", "{}", """{"error":"unknown tool"}""", "tool-failed")]
    [InlineData("get_weather", "{}", "sunny", "tool-answered")]
    public void An_output_is_confirmed_as_it_is(string name, string arguments, string output, string clips) => Assert.Equal(clips.Split(' '),
        Replies.To([User("x"), Sent("function_call", ("call_id", "c"), ("name", name), ("arguments", arguments)), Output("c", output)], Auto(Page)).Clips);

    [Fact]
    public void The_state_of_the_conversation_decides()
    {
        Assert.Equal(["greeting"], Replies.To([], Auto(Page)).Clips);
        Assert.Equal(["greeting"], Replies.To([Sent("message", ("role", "system"))], Auto(Page)).Clips);
        Assert.Equal(["listening"], Replies.To([User("hello"), Sent("message", ("role", "assistant"))], Auto(Page)).Clips);
        Assert.Equal(["thanks"], Replies.To([User("thanks"), Sent("message", ("role", "system"))], Auto(Page)).Clips);
        Assert.Equal(["hello"], Replies.To([Sent("function_call", ("call_id", "c"), ("name", "f"), ("arguments", "{}")), Output("c", "x"), User("hello")], Auto(Page)).Clips);
    }

    private static Reply Ask(string words, Tool[]? tools = null, Abilities? choice = null) => Replies.To([User(words)], choice ?? Auto(tools ?? Page));

    private static Abilities Auto(Tool[] tools) => new(tools, true, false, null, true);

    private static IEnumerable<string> Calls(Reply reply) => reply.Calls.Select(call =>
        $"{call.Name} {(JsonNode.Parse(call.Arguments)!["color"] is { } colour ? colour.GetValue<string>() : call.Arguments)}");

    private static Item User(string words) => Item.Heard("item_user", TimeSpan.FromSeconds(1), words);

    private static Item Output(string callId, string output) => Sent("function_call_output", ("call_id", callId), ("output", output));

    private static Item Sent(string type, params (string Name, string Value)[] members)
    {
        var json = new JsonObject { ["type"] = type };
        foreach (var (name, value) in members) json[name] = value;
        return Item.FromClient(json);
    }
}
