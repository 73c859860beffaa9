using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Voice;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>Finding speech in the sound of the events.</summary>
public class HearingTests
{
    private const string Pause = ""","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":500}}}""";

    private static readonly short[] Speech = Clip.Of("help").Samples;

    [Fact]
    public async Task Speech_and_a_pause_are_a_turn()
    {
        await using var talk = Talk.Begin(Pause, medium: Medium.Events);
        talk.News();

        Say(talk, [.. Silence(1000), .. Speech[..(2 * AudioFormat.Rate)]]);
        var started = Assert.Single(talk.News());
        Assert.Equal("input_audio_buffer.speech_started", Talk.TypeOf(started));
        Assert.InRange(started["audio_start_ms"]!.GetValue<int>(), 680, 900);

        Say(talk, Silence(1000));
        var turn = talk.Until("response.done");
        Assert.Equal(["input_audio_buffer.speech_stopped", "input_audio_buffer.committed"], Talk.Types(turn).Take(2));
        Assert.InRange(Talk.The(turn, "input_audio_buffer.speech_stopped")["audio_end_ms"]!.GetValue<int>(), 3450, 3550);
        Assert.InRange(Talk.The(turn, "response.done")["response"]!["usage"]!["input_token_details"]!["audio_tokens"]!.GetValue<int>(), 25, 30);
    }

    [Fact]
    public async Task Times_count_from_the_first_sound_also_of_what_nobody_looked_for_speech_in()
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"turn_detection":null}}""", medium: Medium.Events);
        Say(talk, Silence(5000));
        talk.Send("""{"type":"input_audio_buffer.clear"}""");
        talk.Send($$$"""{"type":"session.update","session":{"type":"realtime"{{{Pause}}} }}""");
        talk.News();

        Say(talk, [.. Silence(1000), .. Speech[..(2 * AudioFormat.Rate)], .. Silence(1000)]);

        var turn = talk.Until("response.done");
        Assert.InRange(Talk.The(turn, "input_audio_buffer.speech_started")["audio_start_ms"]!.GetValue<int>(), 5680, 5900);
        Assert.InRange(Talk.The(turn, "input_audio_buffer.speech_stopped")["audio_end_ms"]!.GetValue<int>(), 8450, 8550);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(150)]
    public async Task A_click_or_a_beep_is_no_speech(int milliseconds)
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        talk.News();

        for (var i = 0; i < 3; i++) Say(talk, [.. Silence(500), .. Beep(milliseconds), .. Silence(500)]);

        Assert.Empty(talk.News());
    }

    [Fact]
    public async Task Noise_below_the_threshold_is_no_speech()
    {
        await using var talk = Talk.Begin(medium: Medium.Events);
        talk.News();

        Say(talk, [.. Beep(1000).Select(sample => (short)(sample / 100))]);

        Assert.Empty(talk.News());
    }

    [Theory]
    [InlineData(800, false)]
    [InlineData(1300, true)]
    public async Task The_session_says_how_long_a_pause_is(int pause, bool ends)
    {
        await using var talk = Talk.Begin(""","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":1000}}}""", medium: Medium.Events);

        Say(talk, [.. Speech[..AudioFormat.Rate], .. Silence(pause)]);

        Assert.Equal(ends, Talk.Types(talk.News()).Contains("input_audio_buffer.speech_stopped"));
    }

    [Theory]
    [InlineData("audio/pcmu")]
    [InlineData("audio/pcma")]
    public async Task Telephony_is_understood(string format)
    {
        await using var talk = Talk.Begin(Pause.Replace("{\"turn", "{\"format\":{\"type\":\"" + format + "\"},\"turn", StringComparison.Ordinal), medium: Medium.Events);
        talk.News();

        Append(talk, AudioFormat.Of(format).Encode([.. Silence(500), .. Speech[..(2 * AudioFormat.Rate)], .. Silence(1000)]));

        Assert.Equal("changeBackgroundColor", Assert.Single(Talk.CallsIn(talk.Until("response.done"))).Name);
    }

    [Fact]
    public async Task Speech_interrupts_a_response_on_a_socket_too()
    {
        await using var talk = Talk.Begin(Pause, medium: Medium.Events);
        talk.Write("tell me a story");
        talk.Send("""{"type":"response.create"}""");
        talk.Pass(1000);
        talk.News();

        Say(talk, Speech[..AudioFormat.Rate]);
        var events = talk.News();

        Assert.Equal("turn_detected", Talk.The(events, "response.done")["response"]!["status_details"]!["reason"]!.GetValue<string>());
        Assert.DoesNotContain("conversation.item.truncated", Talk.Types(events));
    }

    private static void Say(Talk talk, short[] samples) => Append(talk, AudioFormat.Pcm.Encode(samples));

    private static void Append(Talk talk, byte[] sound)
    {
        foreach (var piece in sound.Chunk(4800))
            talk.Send(new JsonObject { ["type"] = "input_audio_buffer.append", ["audio"] = Convert.ToBase64String(piece) }.ToJsonString());
    }

    private static short[] Silence(int milliseconds) => new short[milliseconds * AudioFormat.Rate / 1000];

    private static short[] Beep(int milliseconds) =>
        [.. Enumerable.Range(0, milliseconds * AudioFormat.Rate / 1000).Select(i => (short)(10_000 * Math.Sin(i * 2 * Math.PI * 440 / AudioFormat.Rate)))];
}
