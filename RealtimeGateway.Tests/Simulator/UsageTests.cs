using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class UsageTests
{
    private static readonly string[] Turns =
        ["hello", "make the background blue", "tell me a story", "who are you?", "change the text to white", "what is on this page", "thank you"];

    [Theory]
    [InlineData("audio")]
    [InlineData("text")]
    public async Task Every_total_is_the_sum_of_its_details_and_grows_with_the_conversation(string modality)
    {
        var before = 0;
        await using var talk = Talk.Begin(",\"instructions\":\"" + new string('x', 400) + "\",\"output_modalities\":[\"" + modality + "\"]", medium: Medium.Events);
        foreach (var words in Turns)
        {
            var usage = UsageIn(talk.Ask(words));
            AssertAddsUp(usage);
            Assert.True(Input(usage) > before, $"{words}: {Input(usage)} after {before}");
            Assert.Equal(before == 0, Cached(usage) == 0);
            Assert.InRange(Cached(usage), 0, before);
            Assert.Equal(modality == "audio" && Calls(talk) == 0, usage["output_token_details"]!["audio_tokens"]!.GetValue<int>() > 0);
            before = Input(usage);
        }
    }

    [Fact]
    public async Task Speech_of_the_user_counts_as_audio()
    {
        await using var talk = Talk.Begin();
        talk.Speak();

        Assert.Equal(10, UsageIn(talk.Until("response.done"))["input_token_details"]!["audio_tokens"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_usage_of_a_transcription_adds_up()
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"transcription":{"model":"whisper-1"}}}""");
        talk.Speak();
        var usage = Talk.The(talk.Until("conversation.item.input_audio_transcription.completed"), "conversation.item.input_audio_transcription.completed")["usage"]!;

        Assert.Equal((10, 7, 17), (usage["input_tokens"]!.GetValue<int>(), usage["output_tokens"]!.GetValue<int>(), usage["total_tokens"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("tell me a story", 40)]
    [InlineData("make the background blue", 8)]
    [InlineData("hello", 1)]
    public async Task An_output_limit_leaves_a_response_incomplete(string words, int limit)
    {
        await using var talk = Talk.Begin(",\"max_output_tokens\":" + limit);

        var done = Talk.The(talk.Ask(words), "response.done")["response"]!;

        Assert.Equal(("incomplete", """{"type":"incomplete","reason":"max_output_tokens"}"""), (done["status"]!.GetValue<string>(), done["status_details"]!.ToJsonString()));
        Assert.Equal("incomplete", done["output"]![0]!["status"]!.GetValue<string>());
        Assert.InRange(done["usage"]!["output_tokens"]!.GetValue<int>(), 0, limit);
        AssertAddsUp(done["usage"]!);
    }

    [Fact]
    public async Task A_cancelled_response_costs_what_was_made_of_it()
    {
        await using var talk = Talk.Begin();
        talk.Write("tell me a story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(1000);
        talk.News();
        talk.Send("""{"type":"response.cancel"}""");
        var usage = UsageIn(talk.News());

        AssertAddsUp(usage);
        Assert.InRange(usage["output_token_details"]!["audio_tokens"]!.GetValue<int>(), 20, 100);
    }

    private static int Calls(Talk talk) =>
        Talk.The(talk.All.TakeLast(2), "response.done")["response"]!["output"]!.AsArray().Count(item => item!["type"]!.GetValue<string>() == "function_call");

    private static void AssertAddsUp(JsonNode usage)
    {
        var input = usage["input_token_details"]!;
        Assert.Equal(usage["total_tokens"]!.GetValue<int>(), Input(usage) + usage["output_tokens"]!.GetValue<int>());
        Assert.Equal(Input(usage), Sum(input, "text_tokens", "audio_tokens", "image_tokens"));
        Assert.Equal(Cached(usage), Sum(input["cached_tokens_details"]!, "text_tokens", "audio_tokens", "image_tokens"));
        Assert.Equal(usage["output_tokens"]!.GetValue<int>(), Sum(usage["output_token_details"]!, "text_tokens", "audio_tokens"));
    }

    private static JsonNode UsageIn(IEnumerable<JsonObject> events) => Talk.The(events, "response.done")["response"]!["usage"]!;

    private static int Input(JsonNode usage) => usage["input_tokens"]!.GetValue<int>();

    private static int Cached(JsonNode usage) => usage["input_token_details"]!["cached_tokens"]!.GetValue<int>();

    private static int Sum(JsonNode details, params string[] names) => names.Sum(name => details[name]!.GetValue<int>());
}
