using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class TurnTests
{
    private static readonly string[] SpokenResponse =
    [
        "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
        "output_audio_buffer.started", "response.output_audio_transcript.delta", "response.output_audio.done",
        "response.output_audio_transcript.done", "response.content_part.done", "conversation.item.done", "response.output_item.done",
        "response.done", "rate_limits.updated",
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
    public async Task An_empty_conversation_is_greeted()
    {
        await using var talk = Talk.Begin();
        talk.News();

        var turn = talk.Respond();

        Assert.Equal(SpokenResponse, Talk.Types(turn));
        Assert.StartsWith("Hello! I am the simulated model.", Talk.Said(turn), StringComparison.Ordinal);
        Assert.Equal(["output_audio_buffer.stopped"], Talk.Types(talk.Until("output_audio_buffer.stopped")));
    }
}
