using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;

namespace RealtimeGateway.Tests.Simulator;

public class FaultStatusTests
{
    [Theory]
    [InlineData(400, null, "error:message,type,param,code", "invalid_value")]
    [InlineData(400, "contentFilter", "error:message,type,param,code,status,innererror", "content_filter")]
    [InlineData(401, null, "error:code,message", "401")]
    [InlineData(401, "key", "error:code,message", "401")]
    [InlineData(401, "token", "statusCode,message", null)]
    [InlineData(401, "role", "error:code,message", "PermissionDenied")]
    [InlineData(403, null, "error:code,message", "AuthenticationTypeDisabled")]
    [InlineData(403, "network", "error:code,message", "403")]
    [InlineData(404, null, "error:message,type,param,code", "DeploymentNotFound")]
    [InlineData(404, "path", "error:code,message", "404")]
    [InlineData(408, null, "error:code,message", "Timeout")]
    [InlineData(429, null, "error:message,type,code", "429")]
    [InlineData(429, "capacity", "error:message,type,code", "429")]
    [InlineData(500, null, "error:message,type,param,code", null)]
    [InlineData(503, null, "error:code,message", "ServiceUnavailable")]
    [InlineData(504, null, "error:code,message", "GatewayTimeout")]
    public async Task A_status_has_the_body_that_Azure_gives_it(int status, string? variant, string shape, string? code)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = status, Variant = variant });
        var response = await azure.MintAsync();
        var body = await SimulatedAzure.JsonOfAsync(response);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(shape, Shape(body));
        Assert.Equal(code, body["error"]?["code"]?.GetValue<string>());
        Assert.Equal(0, azure.Secrets.Count);
    }

    [Theory]
    [InlineData(431, "headers", "text/html")]
    [InlineData(431, "empty", null)]
    [InlineData(502, "html", "text/html")]
    public async Task A_proxy_answers_HTML_or_nothing(int status, string variant, string? contentType)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = status, Variant = variant });
        var response = await azure.MintAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(contentType is null, (await response.Content.ReadAsStringAsync()).Length == 0);
    }

    [Theory]
    [InlineData(301, null, "https://simulated-redirect.invalid/openai")]
    [InlineData(302, null, "https://simulated-redirect.invalid/openai")]
    [InlineData(307, "/elsewhere", "/elsewhere")]
    [InlineData(308, "https://evil.invalid/", "https://evil.invalid/")]
    public async Task A_redirect_names_its_target(int status, string? location, string expected)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = status, Location = location });
        var response = await azure.MintAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(expected, response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Retry_advice_comes_in_seconds_and_milliseconds()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 429, RetryAfter = 7, RetryAfterMs = 6500 });
        var response = await azure.MintAsync();

        Assert.Equal("7", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("6500", response.Headers.GetValues("retry-after-ms").Single());
    }

    [Fact]
    public async Task Retry_advice_may_be_a_date()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var date = new DateTimeOffset(2030, 1, 31, 13, 0, 0, TimeSpan.FromHours(1));
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 503, RetryAfterDate = date });
        var response = await azure.MintAsync();

        Assert.Equal("Thu, 31 Jan 2030 12:00:00 GMT", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task Without_retry_advice_there_is_no_such_header()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 429 });
        var response = await azure.MintAsync();

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.False(response.Headers.Contains("Retry-After"));
        Assert.False(response.Headers.Contains("retry-after-ms"));
    }

    private static string Shape(JsonObject body) => body["error"] is JsonObject error
        ? "error:" + string.Join(',', error.Select(member => member.Key))
        : string.Join(',', body.Select(member => member.Key));
}
