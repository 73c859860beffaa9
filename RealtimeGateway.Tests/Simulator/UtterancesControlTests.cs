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

    private static async Task<IReadOnlyList<string>> ListAsync(SimulatedAzure azure)
    {
        using var response = await azure.ControlAsync(HttpMethod.Get, "/utterances");
        return [.. (await SimulatedAzure.JsonOfAsync(response))["utterances"]!.AsArray().Select(one => one!.GetValue<string>())];
    }
}
