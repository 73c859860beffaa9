using System.Globalization;
using System.Net;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Tests.Simulator;

public class FrontDoorTests
{
    private static readonly string[] InfrastructureHeaders =
    [
        "apim-request-id", "x-ms-request-id", "x-request-id", "request-id", "x-ms-client-request-id", "x-ms-region", "x-ms-deployment-name",
        "x-ms-rai-invoked", "x-ratelimit-limit-requests", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "azureml-model-session", "openai-model",
        "openai-processing-ms", "x-envoy-upstream-service-time", "api-supported-versions", "strict-transport-security",
        "x-content-type-options", "access-control-allow-origin", "set-cookie", "cf-ray",
    ];

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", SimulatedAzure.Mint)]
    [InlineData("DELETE", SimulatedAzure.Calls)]
    [InlineData("POST", "/openai/v1/realtime")]
    [InlineData("POST", "/openai/v1/realtime/sessions.json")]
    [InlineData("POST", "/simulator/faults/1")]
    public async Task An_unknown_path_or_method_is_an_unknown_resource(string method, string path)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.SendAsync(new(HttpMethod.Parse(method), path));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("""{"error":{"code":"404","message":"Resource not found"}}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(10, HttpStatusCode.OK)]
    [InlineData(11, HttpStatusCode.RequestHeaderFieldsTooLarge)]
    public async Task More_than_ten_custom_headers_are_too_many(int count, HttpStatusCode status)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var request = SimulatedAzure.Post(SimulatedAzure.Mint, SimulatedAzure.GaBody, SimulatedAzure.Key);
        request.Headers.Add("Accept", "application/json");
        request.Headers.Add("User-Agent", "tests");
        for (var i = 0; i < count; i++) request.Headers.Add(string.Create(CultureInfo.InvariantCulture, $"x-custom-{i}"), "1");
        var response = await azure.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.OK) Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Every_answer_carries_the_infrastructures_headers()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        HttpResponseMessage[] answers =
        [
            await azure.MintAsync(), await azure.MintPreviewAsync(), await azure.CallAsync("ek_unknown"), await azure.MintAsync("{}"),
            await azure.Http.GetAsync(new Uri("/", UriKind.Relative)),
        ];

        foreach (var answer in answers)
        {
            Assert.DoesNotContain(InfrastructureHeaders, name => !answer.Headers.Contains(name));
            Assert.Equal("simulated-reason", answer.ReasonPhrase);
        }

        Assert.Equal("gpt-realtime", answers[0].Headers.GetValues("x-ms-deployment-name").Single());
        Assert.Equal(answers.Length, answers.Select(answer => answer.Headers.GetValues("apim-request-id").Single()).Distinct().Count());
    }

    [Fact]
    public async Task Two_simulators_do_not_share_anything()
    {
        await using var one = await SimulatedAzure.StartAsync();
        await using var other = await SimulatedAzure.StartAsync(new SimulatorOptions { ApiKeys = ["other-key"] });
        var secret = await one.MintSecretAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await other.CallAsync(secret)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.MintAsync()).StatusCode);
        Assert.Single(one.Received.All);
    }
}
