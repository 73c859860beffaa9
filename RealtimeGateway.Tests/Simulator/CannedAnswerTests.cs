using System.Net;
using RealtimeGateway.Simulator.Offers;

namespace RealtimeGateway.Tests.Simulator;

public class CannedAnswerTests
{
    private const string Browsers = """
        v=0
        o=- 4611731400430051336 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8
        c=IN IP4 0.0.0.0
        a=ice-ufrag:abcd
        a=ice-pwd:abcdefghijklmnopqrstuvwx
        a=fingerprint:sha-256 aa:bb:cc
        a=setup:actpass
        a=mid:0
        a=sendrecv
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        a=rtpmap:63 red/48000/2
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=setup:actpass
        a=mid:1
        a=sctp-port:5000

        """;

    [Fact]
    public void It_answers_the_audio_and_the_data_channel_section_by_section()
    {
        var answer = LinesOf(AnswerTo(Browsers));

        Assert.Equal("v=0", answer[0]);
        Assert.Contains("s=canned", answer);
        Assert.Contains("a=group:BUNDLE 0 1", answer);
        Assert.Equal(["m=audio 3478 UDP/TLS/RTP/SAVPF 111", "m=application 3478 UDP/DTLS/SCTP webrtc-datachannel"], Of(answer, "m="));
        Assert.Equal(["a=mid:0", "a=mid:1"], Of(answer, "a=mid:"));
        Assert.Equal(["a=setup:active", "a=setup:active"], Of(answer, "a=setup:"));
        Assert.Equal(2, Of(answer, "a=candidate:1 1 udp 2130706431 127.0.0.1 3478 typ host").Count);
        Assert.Single(Of(answer, "a=ice-ufrag:").Distinct());
        Assert.Matches("^a=fingerprint:sha-256 [0-9A-F]{2}(:[0-9A-F]{2}){31}$", Of(answer, "a=fingerprint:")[0]);
        Assert.Contains("a=rtpmap:111 opus/48000/2", answer);
        Assert.Contains("a=sendrecv", answer);
        Assert.Contains("a=sctp-port:5000", answer);
    }

    [Fact]
    public void No_two_are_the_same() => Assert.NotEqual(AnswerTo(Browsers), AnswerTo(Browsers));

    [Theory]
    [InlineData("a=sendrecv", "a=recvonly", "a=sendonly")]
    [InlineData("a=sendrecv", "a=sendonly", "a=recvonly")]
    [InlineData("a=sendrecv", "a=inactive", "a=inactive")]
    [InlineData("a=setup:actpass", "a=setup:active", "a=setup:passive")]
    [InlineData("111", "109", "a=rtpmap:109 opus/48000/2")]
    [InlineData("a=mid:1", "a=mid:data", "a=group:BUNDLE 0 data")]
    public void It_follows_the_offer(string instead, string offered, string answered) =>
        Assert.Contains(answered, LinesOf(AnswerTo(Browsers.Replace(instead, offered, StringComparison.Ordinal))));

    [Fact]
    public void What_is_neither_is_rejected_in_its_place()
    {
        var answer = LinesOf(AnswerTo(Browsers.Replace(
            "m=application", "m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=mid:v\nm=application", StringComparison.Ordinal)));

        Assert.Equal("m=video 0 UDP/TLS/RTP/SAVPF 96", Of(answer, "m=")[1]);
        Assert.Equal(["a=mid:0", "a=mid:v", "a=mid:1"], Of(answer, "a=mid:"));
        Assert.Contains("a=group:BUNDLE 0 1", answer);
    }

    [Fact]
    public async Task It_is_given_only_when_it_is_switched_on()
    {
        await using var real = await SimulatedAzure.StartAsync();
        await using var canned = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });

        using var refused = await real.CallAsync(await real.MintSecretAsync(), Browsers);
        using var answered = await canned.CallAsync(await canned.MintSecretAsync(), Browsers);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);
        Assert.Contains("s=canned", await answered.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 0 8")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 G722/8000")]
    [InlineData("m=audio")]
    public async Task An_offer_without_Opus_is_refused(string audio)
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true });
        using var response = await azure.CallAsync(await azure.MintSecretAsync(), $"v=0\r\n{audio}\r\n");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_offer", (string?)(await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]);
        Assert.Empty(await azure.CallsAsync());
    }

    private static string AnswerTo(string offer)
    {
        Assert.True(SdpOffer.TryParse(offer, out var parsed));
        return CannedAnswer.To(parsed)!;
    }

    private static string[] LinesOf(string sdp)
    {
        Assert.EndsWith("\r\n", sdp, StringComparison.Ordinal);
        return sdp[..^2].Split("\r\n");
    }

    private static IReadOnlyList<string> Of(IEnumerable<string> lines, string start) => [.. lines.Where(line => line.StartsWith(start, StringComparison.Ordinal))];
}
