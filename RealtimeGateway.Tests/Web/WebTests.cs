using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

public sealed class WebTests(GatewayBeforeAzure fixture) : GatewayTest(fixture), IClassFixture<GatewayBeforeAzure>
{
    [Fact]
    public async Task The_page_may_connect_to_the_destinations_and_to_nothing_else()
    {
        using var response = await GetAsync("/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self' blob:; " +
            $"connect-src 'self' {Azure.Url}; frame-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            Header(response, "Content-Security-Policy"));
        Assert.Equal("microphone=(self), camera=(), geolocation=()", Header(response, "Permissions-Policy"));
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(response, "Cross-Origin-Opener-Policy"));
    }

    [Theory]
    [InlineData("/main.js", "text/javascript")]
    [InlineData("/gateway.js", "text/javascript")]
    [InlineData("/style.css", "text/css")]
    public async Task The_pages_files_are_served_and_name_no_destination(string path, string contentType)
    {
        using var response = await GetAsync(path);

        Assert.Equal((HttpStatusCode.OK, contentType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(response, "Content-Security-Policy"));
        Assert.DoesNotContain(Azure.Url, await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/main.js")]
    public async Task A_browser_asks_each_time_whether_a_file_of_the_page_has_changed(string path)
    {
        using var first = await GetAsync(path);
        using var again = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var unchanged = await Gateway.Http.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "no-cache"), (first.StatusCode, Header(first, "Cache-Control")));
        Assert.Equal((HttpStatusCode.NotModified, "no-cache"), (unchanged.StatusCode, Header(unchanged, "Cache-Control")));
        Assert.Equal(Header(first, "Content-Security-Policy"), Header(unchanged, "Content-Security-Policy"));
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/openapi/v0.json")]
    [InlineData("/appsettings.json")]
    [InlineData("/../appsettings.json")]
    [InlineData("/sessions/deeper")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var response = await GetAsync(path);

        await response.ShouldFailAsync(404, "not_found");
    }

    [Theory]
    [InlineData("GET", "/sessions", "POST")]
    [InlineData("DELETE", "/sessions/", "POST")]
    [InlineData("POST", "/profiles", "GET")]
    [InlineData("DELETE", "/metrics", "GET, HEAD")]
    [InlineData("POST", "/health/details", "GET, HEAD")]
    public async Task Another_method_is_not_allowed(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(405, "method_not_allowed");
        Assert.Equal(allowed.Split(", "), response.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_mistake_of_our_own_says_nothing_about_itself()
    {
        await using var gateway = Gateway.StartWith(Azure.Url, services: services => services.AddSingleton<IStartupFilter>(new Broken()));
        gateway.Announce("unhandled exception");

        using var response = await gateway.Http.GetAsync("/broken", TestContext.Current.CancellationToken);

        await response.ShouldFailAsync(500, "internal_error");
        Assert.DoesNotContain("secret", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_response_has_a_request_id_of_its_own_whatever_the_caller_sends()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.Add("x-request-id", "callers-id");
        using var first = await Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        using var second = await GetAsync("/health/live");

        Assert.NotEqual(first.RequestId(), second.RequestId());
        Assert.Matches("^req_[0-9a-f]{32}$", first.RequestId());
    }

    [Fact]
    public async Task Profiles_tell_what_can_be_chosen_and_nothing_else()
    {
        using var response = await GetAsync("/profiles");

        Assert.True(response.Headers.CacheControl?.NoStore); // another caller has other choices
        await response.ShouldBeAsync(HttpStatusCode.OK, """
            {
              "profiles": [
                {
                  "name": "assistant",
                  "voices": [ "marin", "cedar", "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse" ],
                  "voice": "marin",
                  "models": [ "gpt-realtime" ],
                  "clientMaySet": [ "model", "voice" ],
                  "way": "token"
                }
              ]
            }
            """);
    }

    [Fact]
    public async Task The_description_shows_the_proxied_routes_as_configured_now()
    {
        var before = await DescribeAsync(Gateway);
        Assert.Equal(["/sessions"], before["paths"]!.AsObject().Select(path => path.Key).Where(path => path.Contains("sessions", StringComparison.Ordinal)));
        var mint = before["paths"]!["/sessions"]!["post"]!;
        var body = mint["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!.AsObject();
        Assert.Equal(["model", "voice"], body.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Contains("cedar", body["voice"]!["enum"]!.AsArray().Select(voice => (string?)voice));
        Assert.Equal(
            ["client_secret", "expires_at", "id", "model", "object", "voice", "webrtc_url"],
            mint["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));

        await using var other = Gateway.StartWith(Azure.Url);
        await other.ReloadAsync(settings =>
        {
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:files", """{ "ClusterId": "azureopenai", "Match": { "Path": "/files/{**rest}" } }""");
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "voice" ]""");
        });
        var after = await DescribeAsync(other);
        Assert.NotNull(after["paths"]!["/openai/v1/chat/completions"]!["post"]);
        Assert.NotNull(after["paths"]!["/files/{rest}"]!["get"]);
        Assert.Equal(["voice"], after["paths"]!["/sessions"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task The_documentation_page_is_there_and_loads_nothing_from_elsewhere()
    {
        using var response = await GetAsync("/docs/");

        var visible = await response.VisibleAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("openapi/v1.json", visible, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", visible, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", Header(response, "Content-Security-Policy"), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> GetAsync(string path) => Gateway.Http.GetAsync(path, TestContext.Current.CancellationToken);

    private static async Task<JsonNode> DescribeAsync(Gateway gateway) =>
        JsonNode.Parse(await gateway.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    /// <summary>Something at the end of the pipeline that throws.</summary>
    private sealed class Broken : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Map("/broken", broken => broken.Run(_ => throw new InvalidOperationException("secret")));
        };
    }
}
