using System.Text;
using RealtimeGateway.Calls;
using RealtimeGateway.Doctor;
using RealtimeGateway.Simulator.Offers;

namespace RealtimeGateway.Tests.Doctor;

public sealed class OfferTests
{
    [Fact]
    public void It_is_an_offer_of_audio_and_a_data_channel()
    {
        var text = Offer.New();

        Assert.True(Sdp.IsOffer(Encoding.UTF8.GetBytes(text)));
        Assert.True(SdpOffer.TryParse(text, out var offer));
        Assert.Equal([("audio", "0"), ("application", "1")], offer.Sections.Select(section => (section.Kind, section.Mid)));
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", offer.Fingerprint);
        Assert.All(text.Split("\r\n")[..^1], line => Assert.Matches("^[a-z]=[ -~]+$", line));
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_share_a_secret()
    {
        string[][] secrets = [.. new[] { Offer.New(), Offer.New() }.Select(text => text.Split("\r\n").Where(line => line.StartsWith("a=ice-pwd", StringComparison.Ordinal) || line.StartsWith("a=fingerprint", StringComparison.Ordinal)).ToArray())];

        Assert.Empty(secrets[0].Intersect(secrets[1]));
    }
}
