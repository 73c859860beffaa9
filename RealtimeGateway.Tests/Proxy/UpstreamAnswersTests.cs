using System.IO.Compression;
using System.Net;
using System.Text;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

public sealed class UpstreamAnswersTests(GatewayBeforeAzure fixture) : GatewayTest(fixture), IClassFixture<GatewayBeforeAzure>
{
    private const string WrongKey = """{"error":{"code":"401","message":"leaked: Access denied due to invalid subscription key"}}""";
    private const string WrongToken = """{"statusCode":401,"message":"leaked: Unauthorized. Access token is missing, audience is incorrect"}""";
    private const string NoRole = """{"error":{"code":"PermissionDenied","message":"leaked: The principal `0b5c0c34-leaked` lacks the required data action"}}""";
    private const string NoDeployment = """{"error":{"type":"invalid_request_error","code":"DeploymentNotFound","message":"leaked","param":null}}""";
    private const string Busy = """{"error":{"message":"leaked: exceeded token rate limit of your current AIServices S0 pricing tier","type":"too_many_requests","code":"429"}}""";

    [Theory]
    [InlineData(400, """{"error":{"message":"leaked","type":"invalid_request_error","code":"unknown_parameter","param":"session.voice"}}""", 400, "upstream_rejected", "session.voice")]
    [InlineData(400, """{"error":{"message":"leaked","code":400,"param":"leaked text, no path"}}""", 400, "upstream_rejected", null)]
    [InlineData(400, """{"error":{"message":"leaked","code":"leaked code with words","param":"the-deployment"}}""", 400, "upstream_rejected", null)]
    [InlineData(400, "leaked, not JSON", 400, "upstream_rejected", null)]
    [InlineData(400, """{"error":{"message":"leaked","code":"a\ud800","param":"\ud800"}}""", 400, "upstream_rejected", null)]
    [InlineData(422, """{"error":null}""", 400, "upstream_rejected", null)]
    [InlineData(401, WrongKey, 502, "upstream_misconfigured", null)]
    [InlineData(401, WrongToken, 502, "upstream_misconfigured", null)]
    [InlineData(401, NoRole, 502, "upstream_misconfigured", null)]
    [InlineData(403, """{"error":{"code":"AuthenticationTypeDisabled","message":"leaked"}}""", 502, "upstream_misconfigured", null)]
    [InlineData(404, NoDeployment, 502, "upstream_misconfigured", null)]
    [InlineData(404, "", 502, "upstream_misconfigured", null)]
    [InlineData(431, "", 502, "upstream_misconfigured", null)]
    [InlineData(301, "", 502, "upstream_misconfigured", null)]
    [InlineData(307, "", 502, "upstream_misconfigured", null)]
    [InlineData(408, "", 504, "upstream_timeout", null)]
    [InlineData(504, "<html>leaked</html>", 504, "upstream_timeout", null)]
    [InlineData(500, """{"error":{"message":"leaked"}}""", 502, "upstream_unavailable", null)]
    [InlineData(503, "<html>leaked</html>", 502, "upstream_unavailable", null)]
    public async Task A_refusal_becomes_an_error_of_ours_that_says_nothing_of_the_upstream(
        int upstream, string body, int status, string code, string? param)
    {
        Azure.Answers(Azure.GaPath, upstream, body, ("Location", "https://leaked.example/"));
        Announce($"answered {upstream}");

        using var response = await Gateway.MintAsync();

        await response.ShouldFailAsync(status, code, param);
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Deployment, await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retry-after-ms", "1500", 2)]
    [InlineData("retry-after-ms", "NaN", 10)]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT", 1)]
    [InlineData("Retry-After", "999999", 3600)]
    [InlineData("x-other", "1", 10)]
    public async Task A_throttled_upstream_tells_the_caller_how_long_to_wait(string header, string value, int seconds)
    {
        Azure.Answers(Azure.GaPath, 429, Busy, (header, value));
        Announce("answered 429");

        using var response = await Gateway.MintAsync();

        await response.ShouldFailAsync(429, "upstream_rate_limited");
        Assert.Equal(TimeSpan.FromSeconds(seconds), response.Headers.RetryAfter?.Delta);
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_has_exactly_these_headers()
    {
        Azure.Answers(Azure.GaPath, 429, Busy);
        Announce("answered 429");

        using var response = await Gateway.MintAsync();

        Assert.Equal(
            ["cache-control", "content-length", "content-security-policy", "content-type", "date", "referrer-policy", "retry-after", "x-content-type-options", "x-frame-options", "x-request-id"],
            response.HeaderNames());
    }

    [Theory]
    [InlineData("my_model", "session.my_model", "unknown_parameter")]
    [InlineData("my_model", "session.voice", "my_model")]
    public async Task A_code_or_param_that_names_the_deployment_stays_inside(string deployment, string param, string code)
    {
        Azure.Answers(Azure.GaPath, 400, "{\"error\":{\"code\":\"" + code + "\",\"param\":\"" + param + "\"}}");
        await using var gateway = Gateway.StartWith(Azure.Url, new Dictionary<string, string?> { ["AZURE_OPENAI_DEPLOYMENT"] = deployment });
        gateway.Announce("answered 400");

        using var response = await gateway.MintAsync();

        Assert.DoesNotContain(deployment, await response.VisibleAsync(), StringComparison.Ordinal);
        Assert.All(gateway.Logs.GetSnapshot(), record => Assert.DoesNotContain(deployment, record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_more_exact_wait_counts()
    {
        Azure.Answers(Azure.GaPath, 429, Busy, ("Retry-After", "60"), ("retry-after-ms", "2200"));
        Announce("answered 429");

        using var response = await Gateway.MintAsync();

        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_201_is_as_good_as_a_200()
    {
        Azure.Mints(201);

        using var response = await Gateway.MintAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_answer_that_nobody_asked_for_is_read(string encoding)
    {
        Azure.AnswersBytes(Azure.GaPath, Compress(Azure.GaAnswer().ToJsonString(), encoding), ("Content-Encoding", encoding));

        using var response = await Gateway.MintAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Content.Headers.ContentEncoding.Count > 0);
    }

    public static TheoryData<string, byte[], string?> UnreadableAnswers => new()
    {
        { "empty", [], null },
        { "html", "<html>leaked</html>"u8.ToArray(), null },
        { "half", "{\"value\":\"ek_1\","u8.ToArray(), null },
        { "no secret", """{"expires_at":7,"session":{"id":"sess_1"}}"""u8.ToArray(), null },
        { "too long", Encoding.UTF8.GetBytes(Padded(2_000_000)), null },
        { "half a gzip", Compress(Azure.GaAnswer().ToJsonString(), "gzip")[..40], "gzip" },
        { "no brotli", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "br" },
        { "no gzip", "{\"value\":\"ek_1\"}"u8.ToArray(), "gzip" },
        { "a bomb", Compress(Padded(50_000_000), "gzip"), "gzip" },
        { "unknown encoding", Encoding.UTF8.GetBytes(Azure.GaAnswer().ToJsonString()), "zstd" },
    };

    [Theory]
    [MemberData(nameof(UnreadableAnswers))]
    public async Task An_unreadable_answer_is_an_error_and_never_passed_on(string what, byte[] body, string? encoding)
    {
        Azure.AnswersBytes(Azure.GaPath, body, encoding is null ? [] : [("Content-Encoding", encoding)]);
        Announce("with a body that is no session");

        using var response = await Gateway.MintAsync();

        await response.ShouldFailAsync(502, "upstream_invalid_response");
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task A_refused_connection_is_an_unavailable_upstream()
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");
        gateway.Announce("Forwarding failed: connect at destination default (Connection refused");

        using var response = await gateway.MintAsync();

        await response.ShouldFailAsync(502, "upstream_unavailable");
        Assert.DoesNotContain("127.0.0.1:1", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_names_destination_cause_and_the_id_that_support_asks_for_but_no_upstream_text()
    {
        Azure.Answers(Azure.GaPath, 404, NoDeployment, ("apim-request-id", "apim-42"));
        Announce("DeploymentNotFound");

        using var response = await Gateway.MintAsync();

        var line = Assert.Single(Gateway.Logs.GetSnapshot(), record => record.Message.Contains("(DeploymentNotFound)", StringComparison.Ordinal)).Message;
        Assert.Contains("Destination default answered 404", line, StringComparison.Ordinal);
        Assert.Contains(response.RequestId(), line, StringComparison.Ordinal);
        Assert.Contains("apim-request-id", line, StringComparison.Ordinal);
        Assert.All(Gateway.Logs.GetSnapshot(), record => Assert.DoesNotContain("leaked", record.Message, StringComparison.Ordinal));
    }

    // A good answer but for its length.
    private static string Padded(int length) => Azure.GaAnswer().ToJsonString() + new string(' ', length);

    private static byte[] Compress(string text, string encoding)
    {
        var buffer = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(buffer, CompressionLevel.Fastest),
            "br" => new BrotliStream(buffer, CompressionLevel.Fastest),
            _ => new ZLibStream(buffer, CompressionLevel.Fastest),
        })
            stream.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}
