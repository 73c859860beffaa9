using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>What reaches the service when a caller begins a call, and what comes back.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _azure = await CallingAzure.StartAsync();
        _gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Yarp"] = "Trace", ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace" });
    }

    public async ValueTask DisposeAsync()
    {
        _gateway.AssertNoSecretLogged();
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task The_caller_gets_the_answer_and_an_id_of_the_gateways_own()
    {
        using var response = await _gateway.CallAsync();

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal(CallingAzure.Answer, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["cache-control", "content-length", "content-security-policy", "content-type", "date", "location", "referrer-policy", "x-content-type-options", "x-frame-options", "x-request-id"],
            response.HeaderNames());
        Assert.Equal("application/sdp", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Matches("^/calls/rtc_[A-Za-z0-9_-]+$", response.Headers.Location!.OriginalString);
        var visible = await response.VisibleAsync();
        Assert.False(visible.ShowsSecret(), visible);
        Assert.DoesNotContain("leaked", visible, StringComparison.Ordinal);
        Assert.DoesNotContain(CallingAzure.CallId, visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mint_carries_the_key_and_the_profiles_session_with_the_shortest_life()
    {
        await _gateway.BeginCallAsync();

        var mint = Assert.Single(_azure.Mints);
        Assert.Equal(["api-key", "Content-Length", "Content-Type", "Host"], mint.HeaderNames);
        Assert.Equal((Gateway.Key, "application/json", ""), (mint.Headers["api-key"], mint.Headers["Content-Type"], mint.Query));
        var body = JsonNode.Parse(mint.Body)!;
        Assert.Equal("""{"anchor":"created_at","seconds":10}""", body["expires_after"]!.ToJsonString());
        Assert.Equal((Gateway.Deployment, "marin"), ((string)body["session"]!["model"]!, (string)body["session"]!["audio"]!["output"]!["voice"]!));

        _azure.OnMint = CallingAzure.Status(400); // the rest is what a caller of /sessions would have got
        _gateway.Announce("answered 400");
        using var session = await _gateway.MintAsync();
        body["expires_after"]!["seconds"] = 60;
        Assert.Equal(Answers.Normal(body.ToJsonString()), Answers.Normal(_azure.Mints[1].Body));
    }

    [Fact]
    public async Task The_offer_goes_out_as_it_is_with_the_secret_and_without_the_key()
    {
        await _gateway.BeginCallAsync(path: "/calls?webrtcfilter=off&model=other&api-key=callers&call_id=rtc_1");

        var offer = Assert.Single(_azure.Offers);
        Assert.Equal(["Authorization", "Content-Length", "Content-Type", "Host"], offer.HeaderNames);
        Assert.Equal(("Bearer ek_minted_1", "application/sdp", "", Calling.Offer), (offer.Headers["Authorization"], offer.Headers["Content-Type"], offer.Query, offer.Body));
    }

    [Fact]
    public async Task Every_call_has_a_secret_of_its_own()
    {
        await _gateway.BeginCallAsync();
        await _gateway.BeginCallAsync();

        Assert.Equal(["Bearer ek_minted_1", "Bearer ek_minted_2"], _azure.Offers.Select(offer => offer.Headers["Authorization"]));
        Assert.Equal(2, _azure.Mints.Count);
    }

    [Fact]
    public async Task No_header_of_the_caller_but_Accept_reaches_the_service()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/calls") { Content = new StringContent(Calling.Offer, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp")) };
        foreach (var name in new[] { "Authorization", "api-key", "x-api-key", "Cookie", "OpenAI-Beta", "X-OpenAI-Agents-SDK", "X-Stainless-Lang", "X-Forwarded-For", "traceparent", "User-Agent" })
            request.Headers.TryAddWithoutValidation(name, "callers-value");
        request.Headers.Accept.ParseAdd("application/sdp");

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal(["api-key", "Content-Length", "Content-Type", "Host"], _azure.Mints[0].HeaderNames);
        Assert.Equal(["Accept", "Authorization", "Content-Length", "Content-Type", "Host"], _azure.Offers[0].HeaderNames);
    }

    [Theory]
    [InlineData("/v1/realtime/calls/rtc_a1", 201, "rtc_a1")]
    [InlineData("/v1/realtime/calls/rtc_a1#x", 200, "rtc_a1")]
    [InlineData("https://resource.openai.azure.com/openai/v1/realtime/calls/rtc_a-1?x=y", 201, "rtc_a-1")]
    [InlineData("rtc_a1", 201, "rtc_a1")]
    [InlineData("/v1/realtime/calls/rtc_a1/", 201, "rtc_a1")]
    [InlineData("https://[resource]/openai/v1/realtime/calls/rtc_a1", 201, "rtc_a1")]
    public async Task The_call_is_known_by_the_last_segment_of_Location_whatever_stands_before_it(string location, int status, string id)
    {
        _azure.OnCall = context => CallingAzure.AnswerAsync(context, location, status, type: null);

        Assert.Equal(204, await _gateway.HangUpAsync(await _gateway.BeginCallAsync()).StatusAsync());

        Assert.Equal([id], _azure.HangUps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v1/realtime/calls/rtc_%2e%2e%2fx")]
    public async Task A_call_without_a_usable_id_is_a_call_that_cannot_be_hung_up(string location)
    {
        _azure.OnCall = context => CallingAzure.AnswerAsync(context, location);
        _gateway.Announce("began a call without saying its id");
        var call = await _gateway.BeginCallAsync();

        using var response = await _gateway.HangUpAsync(call);

        await response.ShouldFailAsync(502, "upstream_invalid_response");
        Assert.Empty(_azure.HangUps);
    }

    [Theory]
    [InlineData(201, "<html>no</html>")]
    [InlineData(201, "")]
    [InlineData(201, "v=1\r\n")]
    [InlineData(202, CallingAzure.Answer)]
    public async Task What_is_no_SDP_answer_is_an_error_and_the_call_is_hung_up(int status, string body)
    {
        _azure.OnCall = context => CallingAzure.AnswerAsync(context, status: status, body: body);
        _gateway.Announce("with a body that is no SDP");

        using var response = await _gateway.CallAsync();

        await response.ShouldFailAsync(502, "upstream_invalid_response");
        await Eventually.ShouldAsync(() => _azure.HangUps is [CallingAzure.CallId]);
    }

    [Fact]
    public async Task An_answer_may_be_longer_than_any_offer()
    {
        _azure.OnCall = context => CallingAzure.AnswerAsync(context, body: CallingAzure.Answer + new string('x', 128 * 1024));

        using var response = await _gateway.CallAsync();

        Assert.Equal(201, (int)response.StatusCode);
    }

    [Fact]
    public async Task An_answer_longer_than_256_KiB_is_not_passed_on()
    {
        _azure.OnCall = context => CallingAzure.AnswerAsync(context, body: CallingAzure.Answer + new string('x', 256 * 1024));
        _gateway.Announce("with a body that is no SDP");

        using var response = await _gateway.CallAsync();

        await response.ShouldFailAsync(502, "upstream_invalid_response");
        await Eventually.ShouldAsync(() => _azure.HangUps is [CallingAzure.CallId]);
    }

    [Theory]
    [InlineData("sdp")]
    [InlineData("sdp\"; filename=\"offer.sdp")]
    public async Task An_offer_may_come_as_a_form(string name)
    {
        var (body, type) = Calling.Form((name, Calling.Offer));

        using var response = await _gateway.CallAsync(body, type);

        Assert.Equal(201, (int)response.StatusCode);
        var offer = Assert.Single(_azure.Offers);
        Assert.Equal(("application/sdp", Calling.Offer), (offer.Headers["Content-Type"], offer.Body));
    }

    [Fact]
    public async Task Under_a_path_base_the_call_is_below_it()
    {
        await using var gateway = Gateway.StartWith(_azure.Url, services: services => PathBase.Add(services, "/voice"));

        var call = await gateway.BeginCallAsync(path: "/voice/calls");

        Assert.StartsWith("/voice/calls/rtc_", call, StringComparison.Ordinal);
        Assert.Equal(204, await gateway.HangUpAsync(call).StatusAsync());
    }
}
