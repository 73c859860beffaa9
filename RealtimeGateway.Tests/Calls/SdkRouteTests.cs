using System.Net;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>The same as OpenAI's SDKs ask for it.</summary>
public sealed class SdkRouteTests : IAsyncLifetime
{
    private const string Path = CallingAzure.CallsPath;

    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _azure = await CallingAzure.StartAsync();
        _gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Cors:default:Origins:0"] = "https://app.example" });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_begun_and_hung_up_by_the_last_segment_of_Location()
    {
        var id = (await _gateway.BeginCallAsync(path: Path + "?model=gpt-realtime")).Split('/')[^1];

        using var first = await _gateway.SendAsync(HttpMethod.Post, $"{Path}/{id}/hangup", key: null);
        using var second = await _gateway.SendAsync(HttpMethod.Post, $"{Path}/{id}/hangup", key: null);

        Assert.Equal((HttpStatusCode.OK, ""), (first.StatusCode, await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
        Assert.Equal("", _azure.Offers[0].Query);
    }

    [Fact]
    public async Task A_session_that_an_SDK_sends_along_is_replaced_by_the_profiles()
    {
        var (body, type) = Calling.Form(("sdp", Calling.Offer), ("session", """{"type":"realtime","model":"other","instructions":"callers","tracing":"auto"}"""));

        using var response = await _gateway.CallAsync(body, type, Path);

        Assert.Equal(201, (int)response.StatusCode);
        Assert.DoesNotContain("callers", _azure.Mints[0].Body, StringComparison.Ordinal);
        Assert.Contains(Gateway.Deployment, _azure.Mints[0].Body, StringComparison.Ordinal);
        Assert.Equal(Calling.Offer, _azure.Offers[0].Body);
    }

    [Fact]
    public async Task What_the_profile_lets_the_caller_set_of_it_counts()
    {
        var (body, type) = Calling.Form(("sdp", Calling.Offer), ("session", """{"type":"realtime","model":"other","audio":{"output":{"voice":"cedar","speed":1}}}"""));

        Assert.Equal(201, await _gateway.CallAsync(body, type, Path).StatusAsync());

        Assert.Contains("\"voice\":\"cedar\"", _azure.Mints[0].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("""{"type":"transcription"}""", "invalid_value", "session.type")]
    [InlineData("""{"audio":{"output":{"voice":"nobody"}}}""", "invalid_value", "session.audio.output.voice")]
    public async Task One_that_makes_no_sense_is_refused(string session, string code, string? param)
    {
        var (body, type) = Calling.Form(("sdp", Calling.Offer), ("session", session));

        using var response = await _gateway.CallAsync(body, type, Path);

        await response.ShouldFailAsync(400, code, param);
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
        Assert.Empty(_azure.All);
    }

    [Fact]
    public async Task Any_other_part_is_refused_here_too()
    {
        var (body, type) = Calling.Form(("sdp", Calling.Offer), ("voice", "cedar"));

        using var response = await _gateway.CallAsync(body, type, Path);

        await response.ShouldFailAsync(400, "field_not_allowed", "voice");
        Assert.Empty(_azure.All);
    }

    [Theory]
    [InlineData("/calls", "POST", "authorization,content-type,x-openai-agents-sdk")]
    [InlineData("/openai/v1/realtime/calls", "POST", "authorization,content-type,x-openai-agents-sdk,x-stainless-lang,x-stainless-retry-count")]
    [InlineData("/openai/v1/realtime/client_secrets", "POST", "authorization,content-type,x-stainless-lang,x-stainless-retry-count,x-stainless-timeout")]
    [InlineData("/calls/rtc_x", "DELETE", "authorization")]
    [InlineData("/openai/v1/realtime/calls/rtc_x/hangup", "POST", "authorization,content-type,x-stainless-os")]
    public async Task A_page_of_a_listed_origin_may_call(string path, string method, string headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal("https://app.example", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains(method, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
        Assert.All(headers.Split(','), header => Assert.Contains(header, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>As npm openai 7.57.0, azure-realtime-webrtc 0.2.1 and @openai/agents-realtime 0.20.0 ask from Chromium.</summary>
    [Theory]
    [InlineData(Path, "authorization,content-type,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version")]
    [InlineData("/openai/v1/realtime/client_secrets", "api-key,content-type")]
    [InlineData(Path, "authorization,content-type,x-openai-agents-sdk")]
    public async Task Every_header_that_an_SDK_sends_from_a_page_is_allowed_and_no_other(string path, string headers)
    {
        const string Allowed =
            "accept,api-key,authorization,content-type,openai-beta,openai-organization,openai-project,x-api-key,x-openai-agents-sdk,x-stainless-arch,x-stainless-lang,"
            + "x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout";
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", headers);

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(Allowed, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.Equal("POST", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Empty(headers.Split(',').Except(Allowed.Split(',')));
    }

    [Theory]
    [InlineData(Path, Calling.Offer, "application/sdp")]
    [InlineData("/openai/v1/realtime/client_secrets", "{}", "application/json")]
    public async Task A_page_of_a_listed_origin_may_read_these_headers(string path, string body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type)) };
        request.Headers.Add("Origin", "https://app.example");

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("Location,Retry-After,x-request-id,x-should-retry", Assert.Single(response.Headers.GetValues("Access-Control-Expose-Headers")));
    }

    [Fact]
    public async Task A_page_of_a_listed_origin_may_read_Location()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/calls") { Content = new StringContent(Calling.Offer, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp")) };
        request.Headers.Add("Origin", "https://app.example");

        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Contains("Location", Assert.Single(response.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }
}
