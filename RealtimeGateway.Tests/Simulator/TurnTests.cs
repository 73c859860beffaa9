using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class TurnTests
{
    private const string Transcription = ""","audio":{"input":{"transcription":{"model":"whisper-1"}}}""";

    private static readonly string[] Spoken =
    [
        "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
        "output_audio_buffer.started", "response.output_audio_transcript.delta", "response.output_audio.done",
        "response.output_audio_transcript.done", "response.content_part.done", "conversation.item.done", "response.output_item.done",
        "response.done", "rate_limits.updated",
    ];

    private static readonly string[] Call =
    [
        "response.output_item.added", "conversation.item.added", "response.function_call_arguments.delta",
        "response.function_call_arguments.done", "conversation.item.done", "response.output_item.done",
    ];

    [Fact]
    public async Task A_session_begins_with_itself_and_its_real_end()
    {
        await using var talk = Talk.Begin(sessionSeconds: 90);
        var created = Assert.Single(talk.News());

        Assert.Equal("session.created", Talk.TypeOf(created));
        Assert.Equal(talk.Time.GetUtcNow().AddSeconds(90).ToUnixTimeSeconds(), created["session"]!["expires_at"]!.GetValue<long>());
        Assert.Equal("gpt-realtime", created["session"]!["model"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_empty_conversation_is_greeted_aloud()
    {
        await using var talk = Talk.Begin();
        talk.News();

        var turn = talk.Respond();

        Assert.Equal(Spoken, Talk.Types(turn));
        Assert.StartsWith("Hello! I am the simulated model.", Talk.Said(turn), StringComparison.Ordinal);
        Assert.Equal(Talk.Said(turn), Talk.The(turn, "response.output_audio_transcript.done")["transcript"]!.GetValue<string>());
        Assert.Equal(["output_audio_buffer.stopped"], Talk.Types(talk.Until("output_audio_buffer.stopped")));
    }

    [Fact]
    public async Task The_voice_is_heard_longer_than_the_model_needs_to_make_it()
    {
        await using var talk = Talk.Begin();
        talk.Respond();
        var sound = Assert.Single(talk.Played);
        var made = talk.Time.GetUtcNow();

        talk.Until("output_audio_buffer.stopped");

        var length = TimeSpan.FromSeconds(sound.Length / 48_000.0);
        Assert.Equal(length.TotalSeconds, (talk.Time.GetUtcNow() - talk.Time.Start).TotalSeconds, tolerance: 0.2);
        Assert.True(made - talk.Time.Start < length / 2, $"{made - talk.Time.Start} of {length}");
        Assert.Equal(0, talk.Silences);
    }

    [Fact]
    public async Task A_typed_wish_becomes_a_function_call_and_then_a_spoken_confirmation()
    {
        await using var talk = Talk.Begin();
        talk.News();
        talk.Write("make the background blue");
        Assert.Equal(["conversation.item.added", "conversation.item.done"], Talk.Types(talk.News()));

        var turn = talk.Respond();
        Assert.Equal(["response.created", .. Call, "response.done", "rate_limits.updated"], Talk.Types(turn));
        Assert.True(turn.Count(one => Talk.TypeOf(one) == "response.function_call_arguments.delta") > 1);
        var call = Assert.Single(Talk.CallsIn(turn));
        Assert.Equal(("changeBackgroundColor", """{"color":"blue"}"""), (call.Name, call.Arguments));
        Assert.Equal(call.Arguments, string.Concat(
            turn.Where(one => Talk.TypeOf(one) == "response.function_call_arguments.delta").Select(one => one["delta"]!.GetValue<string>())));

        Assert.Equal(["conversation.item.added", "conversation.item.done"], Talk.Types(talk.Output(call.Id, """{"ok":true}""")));
        Assert.Equal("I made the background blue.", Talk.Said(talk.Respond()));
    }

    [Fact]
    public async Task Two_wishes_are_two_calls_in_one_response_and_one_confirmation_of_both()
    {
        await using var talk = Talk.Begin();
        talk.News();

        var turn = talk.Ask("background dark and text yellow");
        var calls = Talk.CallsIn(turn);
        Assert.Equal([("changeBackgroundColor", """{"color":"#202124"}"""), ("changeTextColor", """{"color":"yellow"}""")],
            calls.Select(call => (call.Name, call.Arguments)));
        Assert.Equal([0, 1], turn.Where(one => Talk.TypeOf(one) == "response.output_item.done").Select(one => one["output_index"]!.GetValue<int>()));
        Assert.Equal(2, Talk.The(turn, "response.done")["response"]!["output"]!.AsArray().Count);

        foreach (var call in calls) talk.Output(call.Id, "ok");
        Assert.Equal("I made the background dark. I made the text yellow.", Talk.Said(talk.Respond()));
    }

    [Fact]
    public async Task A_spoken_turn_is_heard_as_the_next_sentence_and_answered_by_itself()
    {
        await using var talk = Talk.Begin(Transcription);
        talk.News();

        talk.Speak();
        var turn = talk.Until("response.done");

        Assert.Equal(
        [
            "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
            "conversation.item.added", "conversation.item.done", "response.created",
            "conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
            .. Call, "response.done", "rate_limits.updated",
        ], Talk.Types(turn));
        var id = Talk.The(turn, "input_audio_buffer.speech_started")["item_id"]!.GetValue<string>();
        foreach (var one in turn.Where(one => Talk.TypeOf(one).StartsWith("input_audio_buffer.", StringComparison.Ordinal)))
            Assert.Equal(id, one["item_id"]!.GetValue<string>());
        Assert.Equal(1000, Talk.The(turn, "input_audio_buffer.speech_stopped")["audio_end_ms"]!.GetValue<int>());
        var heard = Talk.The(turn, "conversation.item.input_audio_transcription.completed");
        Assert.Equal((id, "Make the background blue."), (heard["item_id"]!.GetValue<string>(), heard["transcript"]!.GetValue<string>()));
        Assert.Equal("""{"color":"blue"}""", Assert.Single(Talk.CallsIn(turn)).Arguments);
    }

    [Fact]
    public async Task Without_transcription_no_event_tells_the_words_of_the_user()
    {
        await using var talk = Talk.Begin();

        talk.Speak();
        talk.Until("response.done");

        Assert.DoesNotContain(talk.All, one => one.ToJsonString().Contains("Make the background", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sentences_come_in_turn_and_begin_again_and_a_new_list_counts_at_once()
    {
        var utterances = new Utterances { All = ["one", "two"] };
        await using var talk = Talk.Begin(""","audio":{"input":{"transcription":{"model":"whisper-1"},"turn_detection":{"type":"server_vad","create_response":false}}}""", utterances: utterances);
        for (var i = 0; i < 3; i++) talk.Speak();
        utterances.All = ["three"];
        talk.Speak();
        talk.Pass(1000);

        Assert.Equal(["one", "two", "one", "three"],
            talk.All.Where(one => Talk.TypeOf(one).EndsWith("transcription.completed", StringComparison.Ordinal)).Select(one => one["transcript"]!.GetValue<string>()));
        Assert.DoesNotContain("response.created", Talk.Types(talk.All));
    }

    [Fact]
    public async Task A_text_session_writes_instead_of_speaking()
    {
        await using var talk = Talk.Begin(""","output_modalities":["text"]""");
        talk.News();

        var turn = talk.Respond();

        Assert.Equal(
        [
            "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
            "response.output_text.delta", "response.output_text.done", "response.content_part.done", "conversation.item.done",
            "response.output_item.done", "response.done", "rate_limits.updated",
        ], Talk.Types(turn));
        Assert.Empty(talk.Played);
    }

    [Fact]
    public async Task On_a_socket_the_sound_is_in_the_events()
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        talk.News();

        var turn = talk.Respond();

        Assert.DoesNotContain(Talk.Types(turn), type => type.StartsWith("output_audio_buffer", StringComparison.Ordinal));
        var sound = turn.Where(one => Talk.TypeOf(one) == "response.output_audio.delta").Sum(one => Convert.FromBase64String(one["delta"]!.GetValue<string>()).Length);
        Assert.InRange(sound, 3 * 48_000, 20 * 48_000);
        Assert.Empty(talk.Played);
    }

    [Theory]
    [InlineData("audio/pcmu")]
    [InlineData("audio/pcma")]
    public async Task Telephony_takes_a_sixth_of_the_bytes(string format)
    {
        await using var linear = Talk.Begin(medium: Medium.Events);
        await using var telephony = Talk.Begin(",\"audio\":{\"output\":{\"format\":{\"type\":\"" + format + "\"}}}", medium: Medium.Events);

        Assert.Equal(BytesOf(linear.Respond()) / 6.0, BytesOf(telephony.Respond()), tolerance: 1.0);
    }

    [Fact]
    public async Task The_preview_surface_has_its_own_names_and_shapes()
    {
        await using var talk = Talk.Begin(""","input_audio_transcription":{"model":"whisper-1"}""", Surface.Preview);
        var session = talk.News()[0]["session"]!;
        Assert.Equal("pcm16", session["input_audio_format"]!.GetValue<string>());
        Assert.Equal(["audio", "text"], session["modalities"]!.AsArray().Select(one => one!.GetValue<string>()));
        Assert.Equal(0.8, session["temperature"]!.GetValue<double>());
        Assert.Equal("whisper-1", session["input_audio_transcription"]!["model"]!.GetValue<string>());
        Assert.Null(session["audio"]);
        Assert.Null(session["output_modalities"]);

        var turn = talk.Respond();

        Assert.Equal(
        [
            "response.created", "response.output_item.added", "conversation.item.created", "response.content_part.added",
            "output_audio_buffer.started", "response.audio_transcript.delta", "response.audio.done", "response.audio_transcript.done",
            "response.content_part.done", "response.output_item.done", "response.done", "rate_limits.updated",
        ], Talk.Types(turn));
        var done = Talk.The(turn, "response.done")["response"]!;
        Assert.Equal("audio", done["output"]![0]!["content"]![0]!["type"]!.GetValue<string>());
        Assert.Equal(["pcm16", "alloy"], new[] { "output_audio_format", "voice" }.Select(name => done[name]!.GetValue<string>()));
        Assert.Equal("inf", done["max_output_tokens"]!.GetValue<string>());
        Assert.Null(done["audio"]);
    }

    [Fact]
    public async Task The_preview_surface_updates_a_flat_session_and_takes_flat_responses()
    {
        await using var talk = Talk.Begin(surface: Surface.Preview);
        talk.News();
        talk.Send("""{"type":"session.update","session":{"modalities":["text"],"turn_detection":null,"input_audio_format":"g711_ulaw","max_response_output_tokens":100}}""");
        var updated = Assert.Single(talk.News())["session"]!.AsObject();

        Assert.Equal("""["text"]""", updated["modalities"]!.ToJsonString());
        Assert.True(updated.ContainsKey("turn_detection"));
        Assert.Null(updated["turn_detection"]);
        Assert.Equal(("g711_ulaw", 100), (updated["input_audio_format"]!.GetValue<string>(), updated["max_response_output_tokens"]!.GetValue<int>()));
        Assert.Contains("response.text.delta", Talk.Types(talk.Respond()));
        Assert.Contains("response.audio_transcript.delta", Talk.Types(talk.Respond("""{"modalities":["audio","text"]}""")));
    }

    [Fact]
    public async Task A_response_may_stand_beside_the_conversation_with_its_own_input()
    {
        await using var talk = Talk.Begin();
        talk.Write("tell me a story");
        talk.News();

        var turn = talk.Respond("""
            {"conversation":"none","output_modalities":["text"],"metadata":{"topic":"greeting"},
             "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}]}
            """);

        Assert.DoesNotContain(Talk.Types(turn), type => type.StartsWith("conversation.", StringComparison.Ordinal));
        var done = Talk.The(turn, "response.done")["response"]!;
        Assert.Equal("greeting", done["metadata"]!["topic"]!.GetValue<string>());
        Assert.Null(done["conversation_id"]);
        Assert.Equal("Hello! What can I do for you?", Talk.Said(turn));
        Assert.StartsWith("Once upon a time", Talk.Said(talk.Respond()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_turn_detection_commits_by_itself()
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"turn_detection":null}}""", medium: Medium.Events);
        talk.News();
        talk.Send(Append(200));
        talk.Send("""{"type":"input_audio_buffer.commit"}""");
        Assert.Equal(["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"], Talk.Types(talk.News()));
        talk.Pass(5000);
        Assert.Empty(talk.News());

        Assert.Equal("changeBackgroundColor", Assert.Single(Talk.CallsIn(talk.Respond())).Name);
    }

    [Fact]
    public async Task A_session_ends_with_an_error_at_its_lifetime()
    {
        await using var talk = Talk.Begin(sessionSeconds: 120);
        talk.News();

        talk.Pass(119_999);
        Assert.Empty(talk.News());
        talk.Pass(1);

        var error = Assert.Single(talk.News())["error"]!;
        Assert.Equal(("session_expired", "Your session hit the maximum duration of 2 minutes."), (error["code"]!.GetValue<string>(), error["message"]!.GetValue<string>()));
        Assert.Equal(ConversationEnd.Expired, await talk.Ending);
        talk.Send("""{"type":"response.create"}""");
        Assert.Empty(talk.News());
    }

    internal static string Append(int milliseconds) =>
        new JsonObject { ["type"] = "input_audio_buffer.append", ["audio"] = Convert.ToBase64String(new byte[milliseconds * 48]) }.ToJsonString();

    private static int BytesOf(IEnumerable<JsonObject> events) => events.Where(one => Talk.TypeOf(one) == "response.output_audio.delta")
        .Sum(one => Convert.FromBase64String(one["delta"]!.GetValue<string>()).Length);
}
