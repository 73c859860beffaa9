using System.Text;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>What passes as audio without being looked into must be audio for every reader of JSON.</summary>
public sealed class AudioAppendTests
{
    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA"}""")]
    [InlineData("""{"audio":"AAAA","type":"input_audio_buffer.append"}""")]
    [InlineData("""{"event_id":"e1","audio":"AAAA","type":"input_audio_buffer.append"}""")]
    [InlineData(""" { "type" : "input_audio_buffer.append" , "audio" : "A\/\u002BA" } """)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":""}""")]
    public void An_append_is_recognised_in_any_order(string message) => Assert.True(Is(message));

    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","type":"session.update","audio":"AAAA"}""")]
    [InlineData("""{"type":"session.update","type":"input_audio_buffer.append","audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","\u0074ype":"session.update","audio":"AAAA"}""")]
    [InlineData("""{"\u0074ype":"input_audio_buffer.append","audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","TYPE":"session.update","audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer\u002eappend","audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append ","audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","session":{"instructions":"Mine."}}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","audio":"BBBB"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":{"type":"session.update"}}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":null}""")]
    [InlineData("""{"type":["input_audio_buffer.append"],"audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append"}""")]
    [InlineData("""{"audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA"}{"type":"session.update"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA"},""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA",}""")]
    [InlineData("""{"type":"input_audio_buffer.append",/* */"audio":"AAAA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA" """)]
    [InlineData("""[{"type":"input_audio_buffer.append","audio":"AAAA"}]""")]
    [InlineData("\uFEFF{\"type\":\"input_audio_buffer.append\",\"audio\":\"AAAA\"}")]
    [InlineData("{\"type\":\"input_audio_buffer.append\",\"audio\":\"AA\nAA\"}")]
    [InlineData("{\"type\":\"input_audio_buffer.append\0\",\"audio\":\"AAAA\"}")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"\x"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","event_id":"\u0065"}""")]
    [InlineData("")]
    public void Whatever_else_it_may_be_is_looked_into(string message) => Assert.False(Is(message));

    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA""", 45)]
    [InlineData("""{"audio":"AAAA""", 10)]
    [InlineData("""{ "event_id":"e1", "audio" :  "AA""", 31)]
    [InlineData("""{"audio":"A\/\u002""", 10)]
    public void Audio_begins_behind_its_quote(string head, int begin) => Assert.Equal(begin, AudioAppend.BeginOfAudio(Encoding.UTF8.GetBytes(head)));

    [Theory]
    [InlineData("""{"type":"session.update","audio":"AAAA""")]
    [InlineData("""{"type":"input_audio_buffer.append","type":"session.update","audio":"AAAA""")]
    [InlineData("""{"session":{"instructions":"Mine."},"audio":"AAAA""")]
    [InlineData("""{"item":{"audio":"AAAA""")]
    [InlineData("""{"\u0061udio":"AAAA""")]
    [InlineData("""{"audio":"AAAA","audio":"BBBB""")]
    [InlineData("""{"audio":["AAAA""")]
    [InlineData("""{"audio":12""")]
    [InlineData("""{"audio":"AAAA","event_id":"e""")]
    [InlineData("""{"audio" """)]
    [InlineData("""{"event_id":"aaaa""")]
    [InlineData("""["audio":"AAAA""")]
    [InlineData("")]
    public void What_could_not_become_an_append_has_no_audio(string head) => Assert.Equal(-1, AudioAppend.BeginOfAudio(Encoding.UTF8.GetBytes(head)));

    [Fact]
    public void A_head_without_end_is_no_head() =>
        Assert.Equal(-1, AudioAppend.BeginOfAudio(Encoding.UTF8.GetBytes($$"""{"audio":{{new string(' ', AudioAppend.MaxFrame)}}"AAAA""")));

    private static bool Is(string message) => AudioAppend.Is(Encoding.UTF8.GetBytes(message));
}
