using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class ClientEventTests
{
    private const string Id = "\"event_id\":\"mine\",";

    [Theory]
    [InlineData("", "invalid_event", null, null)]
    [InlineData("not json", "invalid_event", null, null)]
    [InlineData("[]", "invalid_event", null, null)]
    [InlineData("null", "invalid_event", null, null)]
    [InlineData("""{"type":"response.cancel","type":"response.create"}""", "invalid_event", null, null)]
    [InlineData("{" + Id + "\"type\":\"conversation.item.retrieve\",\"item_id\":\"\\ud800\"}", "invalid_event", null, null)]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"\\ud800\"}]}}", "invalid_event", null, null)]
    [InlineData("{" + Id + "\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"\\ud800\":1}}]}}", "invalid_event", null, null)]
    [InlineData("{" + Id + "\"a\":1}", "invalid_event", null, "mine")]
    [InlineData("{" + Id + "\"type\":7}", "invalid_value", "type", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.destroy\"}", "invalid_value", "type", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.create\",\"respons\":{}}", "unknown_parameter", "respons", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.create\",\"response\":{\"voice\":\"alloy\"}}", "unknown_parameter", "response.voice", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.create\",\"response\":{\"output_modalities\":[\"audio\",\"text\"]}}", "invalid_value", "response.output_modalities", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.create\",\"response\":{\"max_output_tokens\":0}}", "invalid_value", "response.max_output_tokens", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.create\",\"response\":{\"metadata\":{\"a\":1}}}", "invalid_value", "response.metadata", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.create\",\"response\":{\"input\":[{\"type\":\"item_reference\",\"id\":\"item_x\"}]}}", "invalid_value", "response.input", "mine")]
    [InlineData("{" + Id + "\"type\":\"response.cancel\"}", "response_cancel_not_active", null, "mine")]
    [InlineData("{" + Id + "\"type\":\"session.update\"}", "missing_required_parameter", "session", "mine")]
    [InlineData("{" + Id + "\"type\":\"session.update\",\"session\":{\"instructions\":\"x\"}}", "missing_required_parameter", "session.type", "mine")]
    [InlineData("{" + Id + "\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"voice\":\"alloy\"}}", "unknown_parameter", "session.voice", "mine")]
    [InlineData("{" + Id + "\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"model\":\"gpt-realtime-mini\"}}", "invalid_value", "session.model", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\"}", "missing_required_parameter", "item", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"thought\"}}", "invalid_value", "item.type", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}}", "invalid_value", "item.content[0].type", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"output_text\",\"text\":\"x\"}]}}", "invalid_value", "item.content[0].type", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":\"x\"}}", "invalid_value", "item.content", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"audio\":\"not base64\"}]}}", "invalid_value", "item.content[0].audio", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"https://www.example.com/x.png\"}]}}", "invalid_value", "item.content[0].image_url", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"data:image/gif;base64,AAAA\"}]}}", "invalid_value", "item.content[0].image_url", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"function_call_output\",\"call_id\":\"call_x\",\"output\":{}}}", "invalid_value", "item.output", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"item\":{\"type\":\"function_call_output\",\"call_id\":\"call_x\",\"output\":\"\"}}", "invalid_tool_call_id", "item.call_id", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.create\",\"previous_item_id\":\"item_x\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[]}}", "item_create_invalid_previous_item_id", "previous_item_id", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.retrieve\",\"item_id\":\"item_x\"}", "item_retrieve_invalid_item_id", "item_id", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.delete\",\"item_id\":\"item_x\"}", "item_delete_invalid_item_id", "item_id", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.truncate\",\"item_id\":\"item_x\",\"content_index\":0,\"audio_end_ms\":0}", "item_truncate_invalid_item_id", "item_id", "mine")]
    [InlineData("{" + Id + "\"type\":\"conversation.item.truncate\",\"item_id\":\"item_x\",\"content_index\":0,\"audio_end_ms\":-1}", "invalid_value", "audio_end_ms", "mine")]
    [InlineData("{" + Id + "\"type\":\"input_audio_buffer.append\",\"audio\":\"not base64\"}", "invalid_value", "audio", "mine")]
    [InlineData("{" + Id + "\"type\":\"input_audio_buffer.commit\"}", "input_audio_buffer_commit_empty", null, "mine")]
    [InlineData("{" + Id + "\"type\":\"output_audio_buffer.clear\"}", "invalid_event", null, "mine")]
    public async Task A_bad_event_gets_an_error_and_the_session_stays_open(string sent, string code, string? param, string? eventId)
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        talk.News();

        talk.Send(sent);

        var error = Talk.The(Assert.Single([talk.News()]), "error")["error"]!;
        Assert.Equal((code, param, eventId), (Text(error["code"]), Text(error["param"]), Text(error["event_id"])));
        Assert.Equal("invalid_request_error", Text(error["type"]));
        Assert.NotEqual("", Text(error["message"]));
        Assert.Equal("completed", Talk.The(talk.Respond(), "response.done")["response"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task On_a_track_sound_is_not_taken_from_events()
    {
        await using var talk = Talk.Begin();
        talk.Send(TurnTests.Append(100));

        Assert.Equal("invalid_event", CodeIn(talk.News()));
    }

    [Fact]
    public async Task An_event_id_that_is_too_long_is_refused()
    {
        await using var talk = Talk.Begin();
        talk.Send("{\"type\":\"response.create\",\"event_id\":\"" + new string('x', 513) + "\"}");

        Assert.Equal("event_id", Text(talk.All[^1]["error"]!["param"]));
    }

    [Fact]
    public async Task One_response_at_a_time_answers_the_conversation()
    {
        await using var talk = Talk.Begin();
        talk.Send("""{"type":"response.create"}""");
        talk.News();
        talk.Send("""{"type":"response.create"}""");
        Assert.Equal("conversation_already_has_active_response", CodeIn(talk.News()));
        talk.Send("""{"type":"response.create","response":{"conversation":"none"}}""");
        Assert.Equal(["response.created"], Talk.Types(talk.News()));

        var done = talk.Until("response.done").Where(one => Talk.TypeOf(one) == "response.done").Select(one => one["response"]!["conversation_id"]).ToList();
        Assert.Equal(2, done.Count);
        Assert.Single(done, id => id is null);
    }

    [Fact]
    public async Task Words_that_come_while_the_model_thinks_of_something_else_are_answered_next_and_once()
    {
        await using var talk = Talk.Begin();
        talk.Send("""{"type":"response.create"}""");
        talk.Write("make the background blue");
        Assert.Empty(Talk.CallsIn(talk.Until("response.done")));

        Assert.Equal("changeBackgroundColor", Assert.Single(Talk.CallsIn(talk.Respond())).Name);

        talk.Write("hello");
        talk.Respond();
        Assert.Empty(Talk.CallsIn(talk.Respond()));
    }

    [Fact]
    public async Task Words_that_come_while_the_model_calls_a_function_are_answered_next()
    {
        await using var talk = Talk.Begin();
        talk.Write("make the background blue");
        talk.Send("""{"type":"response.create"}""");
        talk.Write("make the text red");
        Assert.Equal("changeBackgroundColor", Assert.Single(Talk.CallsIn(talk.Until("response.done"))).Name);

        Assert.Equal("changeTextColor", Assert.Single(Talk.CallsIn(talk.Respond())).Name);
    }

    [Fact]
    public async Task A_cancel_may_name_its_response()
    {
        await using var talk = Talk.Begin();
        talk.Send("""{"type":"response.create","response":{"conversation":"none"}}""");
        var id = talk.News()[^1]["response"]!["id"]!.GetValue<string>();
        talk.Send("""{"type":"response.cancel"}""");
        Assert.Equal("response_cancel_not_active", CodeIn(talk.News()));
        talk.Send("{\"type\":\"response.cancel\",\"response_id\":\"" + id + "\"}");

        Assert.Equal(["response.done", "rate_limits.updated"], Talk.Types(talk.News()));
    }

    [Fact]
    public async Task An_update_merges_and_leaves_the_rest()
    {
        await using var talk = Talk.Begin(""","instructions":"be brief","audio":{"output":{"voice":"marin","speed":1.25}}""");
        talk.News();
        talk.Send("""{"type":"session.update","session":{"type":"realtime","model":"gpt-realtime","audio":{"input":{"turn_detection":null},"output":{"voice":"cedar"}}}}""");
        var session = Talk.The(talk.News(), "session.updated")["session"]!;

        Assert.Equal("be brief", Text(session["instructions"]));
        Assert.Equal("""{"format":{"type":"audio/pcm","rate":24000},"voice":"cedar","speed":1.25}""", session["audio"]!["output"]!.ToJsonString());
        Assert.True(session["audio"]!["input"]!.AsObject().ContainsKey("turn_detection"));
        Assert.Null(session["audio"]!["input"]!["turn_detection"]);
        Assert.Equal(3, session["tools"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_object_of_another_type_replaces_the_old_one()
    {
        await using var talk = Talk.Begin();
        talk.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"low"}}}}}""");

        Assert.Equal("""{"type":"semantic_vad","eagerness":"low"}""",
            talk.All[^1]["session"]!["audio"]!["input"]!["turn_detection"]!.ToJsonString());
    }

    [Theory]
    [InlineData(64, 512, true)]
    [InlineData(65, 512, false)]
    [InlineData(64, 513, false)]
    public async Task Metadata_has_bounds(int name, int value, bool isTaken)
    {
        await using var talk = Talk.Begin();

        talk.Send($$$$"""{"type":"response.create","response":{"metadata":{"{{{{new string('n', name)}}}}":"{{{{new string('v', value)}}}}"}}}""");

        Assert.Equal(isTaken ? "response.created" : "error", Talk.TypeOf(talk.News().First(news => Talk.TypeOf(news) is "response.created" or "error")));
    }

    [Fact]
    public async Task A_response_that_is_only_a_call_of_a_function_leaves_the_voice_open()
    {
        await using var talk = Talk.Begin();
        talk.Write("change the background to blue");
        Assert.Single(Talk.CallsIn(talk.Respond()));

        talk.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"cedar"}}}}""");

        Assert.Equal("session.updated", Talk.TypeOf(talk.All[^1]));
    }

    [Fact]
    public async Task The_voice_is_fixed_by_the_first_sound_and_no_part_of_the_refused_update_counts()
    {
        const string update = """{"type":"session.update","session":{"type":"realtime","instructions":"new","audio":{"output":{"voice":"cedar"}}}}""";
        await using var talk = Talk.Begin();
        talk.Send(update);
        Assert.Equal("session.updated", Talk.TypeOf(talk.All[^1]));
        talk.Respond();
        talk.Send(update);
        Assert.Equal("session.updated", Talk.TypeOf(talk.All[^1]));

        talk.Send(update.Replace("cedar", "alloy", StringComparison.Ordinal).Replace("new", "newer", StringComparison.Ordinal));
        Assert.Equal(("cannot_update_voice", "session.audio.output.voice"), (CodeIn(talk.News()), Text(talk.All[^1]["error"]!["param"])));
        talk.Send("""{"type":"response.create","response":{"audio":{"output":{"voice":"alloy"}}}}""");
        Assert.Equal("cannot_update_voice", CodeIn(talk.News()));
        talk.Send("""{"type":"session.update","session":{"type":"realtime"}}""");
        Assert.Equal("new", Text(talk.All[^1]["session"]!["instructions"]));
    }

    [Fact]
    public async Task Items_can_be_placed_retrieved_and_deleted()
    {
        await using var talk = Talk.Begin();
        Create("first", null);
        Create("third", null);
        Create("second", "first");
        Create("zeroth", "root");
        Assert.Equal([null, "first", "first", null], talk.News().Where(one => Talk.TypeOf(one) == "conversation.item.added").Select(one => Text(one["previous_item_id"])));

        Create("first", null);
        Assert.Equal("item_create_duplicate_item_id", CodeIn(talk.News()));
        talk.Send("""{"type":"conversation.item.retrieve","item_id":"second"}""");
        Assert.Equal(
            """{"id":"second","object":"realtime.item","type":"message","status":"completed","role":"user","content":[{"type":"input_text","text":"hello"}]}""",
            Talk.The(talk.News(), "conversation.item.retrieved")["item"]!.ToJsonString());
        talk.Send("""{"type":"conversation.item.delete","item_id":"second"}""");
        Assert.Equal("second", Text(Talk.The(talk.News(), "conversation.item.deleted")["item_id"]));
        talk.Send("""{"type":"conversation.item.retrieve","item_id":"second"}""");
        Assert.Equal("item_retrieve_invalid_item_id", CodeIn(talk.News()));

        void Create(string id, string? after) => talk.Send(
            "{\"type\":\"conversation.item.create\",\"previous_item_id\":" + (after is null ? "null" : $"\"{after}\"") +
            ",\"item\":{\"id\":\"" + id + "\",\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hello\"}]}}");
    }

    [Fact]
    public async Task Only_sound_of_the_model_can_be_truncated_and_only_as_long_as_it_is()
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        talk.Write("hello");
        var user = talk.All[^1]["item"]!["id"]!.GetValue<string>();
        var model = Talk.The(talk.Respond(), "response.output_item.done")["item"]!["id"]!.GetValue<string>();

        talk.Send(Truncate(user, 0, 100));
        Assert.Equal("unsupported_content_type", CodeIn(talk.News()));
        talk.Send(Truncate(model, 0, 60_000));
        Assert.Equal("invalid_value", CodeIn(talk.News()));
        talk.Send(Truncate(model, 1, 100));
        Assert.Equal("invalid_value", CodeIn(talk.News()));

        static string Truncate(string id, int part, int milliseconds) =>
            "{\"type\":\"conversation.item.truncate\",\"item_id\":\"" + id + "\",\"content_index\":" + part + ",\"audio_end_ms\":" + milliseconds + "}";
    }

    [Fact]
    public async Task A_cleared_buffer_is_empty()
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        talk.Send(TurnTests.Append(500));
        talk.News();
        talk.Send("""{"type":"input_audio_buffer.clear"}""");
        Assert.Equal(["input_audio_buffer.cleared"], Talk.Types(talk.News()));
        talk.Send("""{"type":"input_audio_buffer.commit"}""");

        Assert.Equal("input_audio_buffer_commit_empty", CodeIn(talk.News()));
    }

    [Fact]
    public async Task The_preview_surface_refuses_what_only_the_other_one_has()
    {
        await using var talk = Talk.Begin(surface: Surface.Preview);
        talk.News();
        talk.Send("""{"type":"session.update","session":{"output_modalities":["text"]}}""");
        Assert.Equal("session.output_modalities", Text(talk.News()[^1]["error"]!["param"]));
        talk.Send("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]}}""");
        Assert.Equal("item.content[0].type", Text(talk.News()[^1]["error"]!["param"]));
        talk.Send("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"text","text":"x"}]}}""");
        Assert.Equal("""[{"type":"text","text":"x"}]""", Assert.Single(talk.News())["item"]!["content"]!.ToJsonString());
    }

    private static string? CodeIn(IEnumerable<JsonObject> events) => Text(Talk.The(events, "error")["error"]!["code"]);

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
