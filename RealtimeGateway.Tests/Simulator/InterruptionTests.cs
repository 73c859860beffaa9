using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class InterruptionTests
{
    [Fact]
    public async Task Speech_stops_the_model_and_what_is_heard_of_it()
    {
        await using var talk = Talk.Begin();
        talk.Write("tell me a story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(1000);
        talk.News();

        talk.BeginToSpeak();
        var events = talk.News();

        Assert.Equal(
        [
            "input_audio_buffer.speech_started", "response.output_audio.done", "response.output_audio_transcript.done",
            "response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done", "rate_limits.updated",
            "output_audio_buffer.cleared", "conversation.item.truncated",
        ], Talk.Types(events));
        var done = Talk.The(events, "response.done")["response"]!;
        Assert.Equal("cancelled", done["status"]!.GetValue<string>());
        Assert.Equal("""{"type":"cancelled","reason":"turn_detected"}""", done["status_details"]!.ToJsonString());
        Assert.Equal("incomplete", done["output"]![0]!["status"]!.GetValue<string>());
        Assert.InRange(Talk.The(events, "conversation.item.truncated")["audio_end_ms"]!.GetValue<int>(), 800, 1000);
        Assert.Equal(1, talk.Silences);
        talk.Pass(60_000);
        Assert.Empty(talk.News());
    }

    [Fact]
    public async Task Speech_behind_the_making_still_stops_the_playing()
    {
        await using var talk = Talk.Begin();
        talk.Write("tell me a story");
        talk.Respond();

        talk.BeginToSpeak();
        var events = talk.News();

        Assert.Equal(["input_audio_buffer.speech_started", "output_audio_buffer.cleared", "conversation.item.truncated"], Talk.Types(events));
        talk.Send($$"""{"type":"conversation.item.retrieve","item_id":{{events[^1]["item_id"]!.ToJsonString()}}}""");
        Assert.Equal("""[{"type":"output_audio"}]""", Assert.Single(talk.News())["item"]!["content"]!.ToJsonString());
    }

    [Fact]
    public async Task A_session_may_choose_not_to_be_interrupted_and_answers_afterwards()
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}""");
        talk.Write("tell me a story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(500);
        talk.Speak();
        Assert.DoesNotContain("response.done", Talk.Types(talk.News()));

        Assert.Equal("completed", Talk.The(talk.Until("response.done"), "response.done")["response"]!["status"]!.GetValue<string>());
        Assert.Equal("changeBackgroundColor", Assert.Single(Talk.CallsIn(talk.Until("response.done"))).Name);
    }

    [Fact]
    public async Task An_answer_that_waits_its_turn_is_dropped_when_the_user_speaks_again()
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}""");
        talk.Write("tell me a long story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(500);
        talk.Speak();
        talk.Send("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":true}}}}}""");
        Assert.DoesNotContain("response.done", Talk.Types(talk.News()));

        talk.BeginToSpeak();
        var events = Talk.Types(talk.News());

        Assert.Contains("response.done", events);
        Assert.DoesNotContain("response.created", events);
    }

    [Fact]
    public async Task Without_turn_detection_speech_is_no_event()
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"turn_detection":null}}""");
        talk.Respond();
        talk.News();

        talk.Speak();

        Assert.Empty(talk.News());
        Assert.Equal(0, talk.Silences);
    }

    [Fact]
    public async Task A_cancelled_response_is_heard_as_far_as_it_was_made()
    {
        await using var talk = Talk.Begin();
        talk.Write("tell me a story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(1000);
        talk.News();

        talk.Send("""{"type":"response.cancel"}""");
        var done = Talk.The(talk.News(), "response.done")["response"]!;
        Assert.Equal("""{"type":"cancelled","reason":"client_cancelled"}""", done["status_details"]!.ToJsonString());
        Assert.Equal(0, talk.Silences);

        Assert.Equal(["output_audio_buffer.stopped"], Talk.Types(talk.Until("output_audio_buffer.stopped")));
        Assert.Equal(1, talk.Silences);
        Assert.InRange((talk.Time.GetUtcNow() - talk.Time.Start).TotalSeconds, 2, 5);
    }

    [Fact]
    public async Task A_client_can_clear_what_is_still_heard()
    {
        await using var talk = Talk.Begin();
        talk.Respond();
        talk.Send("""{"type":"output_audio_buffer.clear"}""");

        Assert.Equal(["output_audio_buffer.cleared", "conversation.item.truncated"], Talk.Types(talk.News()));
        talk.Send("""{"type":"output_audio_buffer.clear"}""");
        Assert.Empty(talk.News());
    }

    [Fact]
    public async Task Of_speech_that_waits_behind_other_speech_nothing_was_heard_when_it_is_cleared()
    {
        await using var talk = Talk.Begin();
        talk.Respond();
        var second = Talk.The(talk.Ask("hello"), "response.output_item.done")["item"]!["id"]!.GetValue<string>();

        talk.Send("""{"type":"output_audio_buffer.clear"}""");
        var truncated = talk.News().Where(one => Talk.TypeOf(one) == "conversation.item.truncated").ToList();

        Assert.Equal(2, truncated.Count);
        Assert.Equal((second, 0), ((string?)truncated[1]["item_id"], (int)truncated[1]["audio_end_ms"]!));
        talk.Pass(60_000);
        Assert.Empty(talk.News());
    }

    [Fact]
    public async Task Speech_that_waits_behind_other_speech_starts_when_that_ends()
    {
        await using var talk = Talk.Begin();
        talk.Respond();
        talk.Ask("hello");
        Assert.Single(talk.Played);

        Assert.Equal(["output_audio_buffer.stopped", "output_audio_buffer.started"], Talk.Types(talk.Until("output_audio_buffer.stopped")));
        Assert.Equal(2, talk.Played.Count);
        Assert.Equal(["output_audio_buffer.stopped"], Talk.Types(talk.Until("output_audio_buffer.stopped")));
    }

    [Fact]
    public async Task On_a_socket_the_client_says_what_was_heard()
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        var item = Talk.The(talk.Respond(), "response.output_item.done")["item"]!["id"]!.GetValue<string>();

        talk.Send("{\"type\":\"conversation.item.truncate\",\"item_id\":\"" + item + "\",\"content_index\":0,\"audio_end_ms\":700}");

        Assert.Equal(700, Talk.The(talk.News(), "conversation.item.truncated")["audio_end_ms"]!.GetValue<int>());
    }
}
