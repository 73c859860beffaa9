using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>A user who says nothing, in a session with <c>idle_timeout_ms</c>.</summary>
public class IdleTests
{
    private const string FiveSeconds = ""","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":5000}}}""";

    [Fact]
    public async Task Five_seconds_after_the_model_was_heard_to_its_end_the_silence_is_committed_and_answered()
    {
        await using var talk = Talk.Begin(FiveSeconds);
        talk.Respond();
        talk.Until("output_audio_buffer.stopped");
        var heard = (talk.Time.GetUtcNow() - talk.Time.Start).TotalMilliseconds;

        talk.Pass(4_900);
        Assert.Empty(talk.News());
        talk.Pass(100);
        var events = talk.News();

        Assert.Equal(
            ["input_audio_buffer.timeout_triggered", "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done", "response.created"],
            Talk.Types(events));
        var (start, end) = ((long)events[0]["audio_start_ms"]!, (long)events[0]["audio_end_ms"]!);
        Assert.InRange(start, heard - 10, heard + 10);
        Assert.Equal(5000, end - start);
        Assert.Equal((string?)events[0]["item_id"], (string?)events[1]["item_id"]);
        Assert.Equal("""[{"type":"input_audio","transcript":null}]""", Talk.The(events, "conversation.item.added")["item"]!["content"]!.ToJsonString());
        Assert.NotEmpty(Talk.Said(talk.Until("response.done")));
    }

    [Fact]
    public async Task On_a_socket_the_length_of_the_sound_counts_as_its_playback()
    {
        await using var talk = Talk.Begin(FiveSeconds, medium: Medium.Events);
        var turn = talk.Respond();
        var bytes = turn.Where(one => Talk.TypeOf(one) == "response.output_audio.delta").Sum(one => Convert.FromBase64String((string)one["delta"]!).Length);

        talk.Pass((bytes / 48) + 4_900);
        Assert.Empty(talk.News());
        talk.Pass(200);

        Assert.Equal("input_audio_buffer.timeout_triggered", Talk.TypeOf(talk.News()[0]));
    }

    [Fact]
    public async Task Whoever_speaks_in_time_is_not_hurried()
    {
        await using var talk = Talk.Begin(FiveSeconds);
        talk.Respond();
        talk.Until("output_audio_buffer.stopped");
        talk.Pass(4_000);

        talk.BeginToSpeak();
        talk.Pass(10_000);

        Assert.DoesNotContain("input_audio_buffer.timeout_triggered", Talk.Types(talk.News()));
    }

    [Fact]
    public async Task Speech_over_the_model_starts_no_wait()
    {
        await using var talk = Talk.Begin(FiveSeconds);
        talk.Write("tell me a story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(1000);

        talk.BeginToSpeak();
        talk.Pass(30_000);

        Assert.DoesNotContain("input_audio_buffer.timeout_triggered", Talk.Types(talk.News()));
    }

    [Fact]
    public async Task A_new_answer_starts_the_wait_anew()
    {
        await using var talk = Talk.Begin(FiveSeconds);
        talk.Respond();
        talk.Until("output_audio_buffer.stopped");
        talk.Pass(4_900);

        Assert.DoesNotContain("input_audio_buffer.timeout_triggered", Talk.Types(talk.Ask("tell me a story")));
    }

    [Fact]
    public async Task Whoever_waits_for_a_function_is_not_hurried()
    {
        await using var talk = Talk.Begin(FiveSeconds);
        talk.Ask("make the background blue");

        talk.Pass(30_000);

        Assert.Empty(talk.News());
    }

    [Theory]
    [InlineData("""{"type":"server_vad","idle_timeout_ms":null}""")]
    [InlineData("null")]
    public async Task Switched_off_in_the_meantime_it_is_off(string detection)
    {
        await using var talk = Talk.Begin(FiveSeconds);
        talk.Respond();
        talk.Until("output_audio_buffer.stopped");
        talk.Send(new JsonObject
        {
            ["type"] = "session.update",
            ["session"] = new JsonObject
            {
                ["type"] = "realtime",
                ["audio"] = new JsonObject { ["input"] = new JsonObject { ["turn_detection"] = JsonNode.Parse(detection) } },
            },
        }.ToJsonString());
        Assert.Equal(["session.updated"], Talk.Types(talk.News()));

        talk.Pass(30_000);

        Assert.Empty(talk.News());
    }

    [Fact]
    public async Task A_session_that_answers_nothing_by_itself_commits_only()
    {
        await using var talk = Talk.Begin(FiveSeconds.Replace("5000", "5000,\"create_response\":false", StringComparison.Ordinal));
        talk.Respond();
        talk.Until("output_audio_buffer.stopped");

        talk.Pass(30_000);

        Assert.Equal(
            ["input_audio_buffer.timeout_triggered", "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"],
            Talk.Types(talk.News()));
    }
}
