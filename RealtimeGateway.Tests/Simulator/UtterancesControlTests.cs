using System.Net;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Simulator;

public class UtterancesControlTests
{
    [Fact]
    public async Task The_sentences_that_are_heard_can_be_set_shown_and_reset()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        Assert.Equal(["Make the background blue.", "Change the text colour to white.", "What is on this page?", "Thank you."], await ListAsync(azure));

        using var set = await azure.ControlAsync(HttpMethod.Post, "/utterances", """["Hello.","Make the text red."]""");
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Equal("""{"utterances":["Hello.","Make the text red."]}""", (await SimulatedAzure.JsonOfAsync(set)).ToJsonString());
        Assert.Equal(["Hello.", "Make the text red."], await ListAsync(azure));

        await azure.ControlAsync(HttpMethod.Post, "/utterances", "[]");
        Assert.Equal(4, (await ListAsync(azure)).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("""["  "]""")]
    public async Task Anything_else_is_refused_and_changes_nothing(string body)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var response = await azure.ControlAsync(HttpMethod.Post, "/utterances", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_value", (await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]!.GetValue<string>());
        Assert.Equal(4, (await ListAsync(azure)).Count);
    }

    /// <summary>Origin, and the name that the page has had resolved to this machine (DNS rebinding).</summary>
    [Theory]
    [InlineData("https://evil.example", null)]
    [InlineData("http://localhost:1", null)]
    [InlineData("null", null)]
    [InlineData("http://evil.example", "evil.example")]
    [InlineData(null, "evil.example")]
    [InlineData(null, "localhost.evil.example")]
    public async Task A_page_elsewhere_changes_and_reads_nothing(string? origin, string? host)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Post, "/simulator/utterances"), (HttpMethod.Post, "/simulator/faults"), (HttpMethod.Delete, "/simulator/faults"), (HttpMethod.Get, "/simulator/requests"),
        })
        {
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent("""["Hello."]""") };
            request.Headers.TryAddWithoutValidation("Origin", origin);
            request.Headers.Host = host;

            using var response = await azure.SendAsync(request);

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        Assert.Equal(4, (await ListAsync(azure)).Count);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("app.localhost:8001")]
    [InlineData("127.0.0.1")]
    public async Task A_page_of_the_simulator_itself_may(string host)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/simulator/utterances") { Content = new StringContent("""["Hello."]""") };
        request.Headers.Add("Origin", $"http://{host}");
        request.Headers.Host = host;

        using var response = await azure.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<IReadOnlyList<string>> ListAsync(SimulatedAzure azure)
    {
        using var response = await azure.ControlAsync(HttpMethod.Get, "/utterances");
        return [.. (await SimulatedAzure.JsonOfAsync(response))["utterances"]!.AsArray().Select(one => one!.GetValue<string>())];
    }
}
