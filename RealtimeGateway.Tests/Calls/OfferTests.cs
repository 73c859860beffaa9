using System.Net;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>What is refused before anything is paid.</summary>
public sealed class OfferTests : IAsyncLifetime
{
    private readonly CallersKey _key = CallersKey.New();
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _azure = await CallingAzure.StartAsync();
        _gateway = Gateway.StartWith(
            _azure.Url, new Dictionary<string, string?> { ["Callers:Keys:web:Hash"] = _key.Hash }, settings => settings.Set("Realtime:Profiles:secret", """
                { "Models": [ "gpt-realtime" ], "Voices": [ "marin" ], "AllowedFor": [ "scope:nobody" ] }
                """));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        Assert.Empty(_azure.All);
        await _azure.DisposeAsync();
    }

    [Theory]
    [InlineData("", 400, "invalid_sdp")]
    [InlineData("hello", 400, "invalid_sdp")]
    [InlineData("{}", 400, "invalid_sdp")]
    [InlineData(" v=0\r\nm=audio 9 x\r\n", 400, "invalid_sdp")]
    [InlineData("v=01\r\nm=audio 9 x\r\n", 400, "invalid_sdp")]
    [InlineData("v=0", 400, "invalid_sdp")]
    [InlineData("v=0\r\n", 400, "invalid_sdp")]
    [InlineData("v=0\r\nm=video 9 x\r\na=m=audio 9\r\n", 400, "invalid_sdp")]
    public async Task What_is_no_offer_with_audio_is_refused(string offer, int status, string code) => await ShouldRefuseAsync(status, code, offer);

    [Fact]
    public async Task An_offer_whose_answer_would_be_longer_than_any_answer_may_be_is_refused() =>
        await ShouldRefuseAsync(400, "invalid_sdp", Calling.Offer + string.Concat(Enumerable.Repeat("m=video 9 x\r\n", 15)));

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData("application/sdpx")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/mixed; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Another_content_type_is_refused(string? type) => await ShouldRefuseAsync(415, "unsupported_media_type", Calling.Offer, type);

    [Fact]
    public async Task More_than_64_KiB_are_refused_with_and_without_a_length()
    {
        var large = Calling.Offer + new string('x', 64 * 1024);

        await ShouldRefuseAsync(413, "request_too_large", large);
        using var chunked = new StreamContent(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(large)));
        chunked.Headers.ContentType = new("application/sdp");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/calls") { Content = chunked };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Authorization = new("Bearer", _key.Key);
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ShouldFailAsync(413, "request_too_large");
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
    }

    public static TheoryData<string, string, string?> Forms => new()
    {
        { Calling.Form().Body, "invalid_sdp", null },
        { Calling.Form(("sdp", "no")).Body, "invalid_sdp", null },
        { Calling.Form(("sdp", Calling.Offer), ("sdp", Calling.Offer)).Body, "invalid_sdp", null },
        { Calling.Form(("sdp", Calling.Offer), ("session", "{}")).Body, "field_not_allowed", "session" },
        { Calling.Form(("session", "{}"), ("sdp", Calling.Offer)).Body, "field_not_allowed", "session" },
        { Calling.Form(("sdp", Calling.Offer), ("model", "other")).Body, "field_not_allowed", "model" },
        { Calling.Form(("SDP", Calling.Offer)).Body, "field_not_allowed", "SDP" },
        { Calling.Form(("sdp", Calling.Offer)).Body.Replace("form-data; name=\"sdp\"", "form-data", StringComparison.Ordinal), "invalid_sdp", null },
        { Calling.Form(("sdp", Calling.Offer)).Body.Replace("form-data", "attachment", StringComparison.Ordinal), "invalid_sdp", null },
        { Calling.Form(("sdp", Calling.Offer)).Body.Replace("--x--", "", StringComparison.Ordinal), "invalid_sdp", null },
        { "--x\r\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"h{i}: v\r\n")) + "\r\n\r\n--x--", "invalid_sdp", null },
        { "no form at all", "invalid_sdp", null },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_form_with_anything_but_one_offer_is_refused(string body, string code, string? param) =>
        await ShouldRefuseAsync(400, code, body, "multipart/form-data; boundary=x", param: param);

    [Theory]
    [InlineData("/calls?profile=nobody")]
    [InlineData("/calls?profile=secret")]
    [InlineData("/openai/v1/realtime/calls?profile=secret")]
    public async Task A_profile_that_is_not_for_the_caller_is_refused_like_one_that_does_not_exist(string path) =>
        await ShouldRefuseAsync(403, "forbidden", Calling.Offer, path: path, param: "profile");

    [Fact]
    public async Task Who_proves_nothing_or_comes_from_a_strange_page_begins_no_call()
    {
        using var nobody = await _gateway.CallAsync();
        using var wrong = await _gateway.CallAsync(key: "rgk_wrong");
        using var strange = new HttpRequestMessage(HttpMethod.Post, "/calls") { Content = new StringContent(Calling.Offer) };
        strange.Headers.Add("Origin", "https://elsewhere.example");
        using var fromElsewhere = await _gateway.Http.SendAsync(strange, TestContext.Current.CancellationToken);

        await ShouldFailAsync(nobody, 401, "unauthorized");
        await ShouldFailAsync(wrong, 401, "unauthorized");
        await ShouldFailAsync(fromElsewhere, 403, "forbidden");
    }

    [Fact]
    public async Task Another_method_is_refused_with_the_one_that_is_taken()
    {
        using var response = await _gateway.AskAsync("/calls", _key.Key);

        await response.ShouldFailAsync(405, "method_not_allowed");
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    private async Task ShouldRefuseAsync(int status, string code, string offer, string? type = "application/sdp", string path = "/calls", string? param = null)
    {
        using var response = await _gateway.CallAsync(offer, type, path, _key.Key);

        await ShouldFailAsync(response, status, code, param);
    }

    private static async Task ShouldFailAsync(HttpResponseMessage response, int status, string code, string? param = null)
    {
        await response.ShouldFailAsync(status, code, param);
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
    }
}
