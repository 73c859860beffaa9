using System.Text;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>Audio in pieces: what reaches the destination is an append of the gateway's own making, or nothing that is ever complete.</summary>
public sealed class LongAudioTests
{
    private const string Plain = """{"type":"input_audio_buffer.append","audio":"AAAABBBB"}""";

    [Theory]
    [InlineData(Plain, Plain)]
    [InlineData("""{"audio":"AAAABBBB","type":"input_audio_buffer.append"}""", Plain)]
    [InlineData("""{"audio":"AAAABBBB" , "type":"input_audio_buffer.append" } """, Plain)]
    [InlineData("""{"audio":"A\/A\u002BA==","type":"input_audio_buffer.append"}""", """{"type":"input_audio_buffer.append","audio":"A\/A\u002BA=="}""")]
    [InlineData("""{"audio":"","type":"input_audio_buffer.append"}""", """{"type":"input_audio_buffer.append","audio":""}""")]
    [InlineData("""{"event_id":"e1","audio":"AAAABBBB","type":"input_audio_buffer.append"}""", """{"type":"input_audio_buffer.append","audio":"AAAABBBB","event_id":"e1"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAABBBB","event_id":"e<1>"}""", """{"type":"input_audio_buffer.append","audio":"AAAABBBB","event_id":"e\u003C1\u003E"}""")]
    public void It_arrives_in_the_gateways_words_wherever_it_is_cut(string message, string arrives)
    {
        for (var cut = BeginOf(message); cut < message.Length; cut++)
            Assert.Equal(arrives, Pass(message, cut));
    }

    [Theory]
    [InlineData("""{"audio":"AAAA","type":"session.update","session":{}}""")]
    [InlineData("""{"audio":"AAAA","type":"session.update"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","type":"session.update"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","\u0074ype":"session.update"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","audio":"BBBB"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","x":1}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA"}{"type":"session.update"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AA\"AA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AA\\"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AA\\","type":"session.update","x":"\\"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AA\n"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AA AA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AA{}AA"}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA" """)]
    [InlineData("""{"audio":"AAAA"}""")]
    public void Anything_else_is_never_complete_wherever_it_is_cut(string message)
    {
        for (var cut = BeginOf(message); cut <= message.Length; cut++)
            Assert.Null(Pass(message, cut));
    }

    [Fact]
    public void What_follows_the_audio_is_bounded() =>
        Assert.Null(Pass($$"""{"audio":"AAAA","type":"input_audio_buffer.append"{{new string(' ', 4 * AudioAppend.MaxFrame)}}}""", 10));

    /// <summary>What arrives of a message whose audio and rest come in two pieces; <c>null</c> when it is not complete.</summary>
    private static string? Pass(string message, int cut)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        if (LongAudio.TryBegin(bytes.AsSpan(0, BeginOf(message)), out var begin) is not { } audio)
            return null;
        var arrived = new StringBuilder(Encoding.UTF8.GetString(LongAudio.Begin.Span));
        foreach (var piece in new[] { bytes[begin..cut], bytes[cut..] })
        {
            var length = audio.Take(piece);
            if (length < 0)
                return null;
            arrived.Append(Encoding.UTF8.GetString(piece.AsSpan(0, length)));
        }

        return audio.End() is { } end ? arrived.Append(Encoding.UTF8.GetString(end.Span)).ToString() : null;
    }

    private static int BeginOf(string message) => message.IndexOf("\"audio\":", StringComparison.Ordinal) + 9;
}
