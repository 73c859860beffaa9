using System.ClientModel;
using OpenAI.Realtime;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>The official .NET client, which knows nothing of a simulator.</summary>
public class OpenAIClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_a_written_turn_and_then_a_function_call()
    {
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        using var session = await ClientOf(azure).StartConversationSessionAsync("gpt-realtime", cancellationToken: Token);
        await session.ConfigureConversationSessionAsync(OptionsWithTool(), Token);
        await session.AddItemAsync(RealtimeItem.CreateUserMessageItem("hello"), Token);
        await session.StartResponseAsync(Token);
        var greeting = await UntilDoneAsync(session);
        Assert.Equal("Hello! What can I do for you?", string.Concat(greeting.OfType<RealtimeServerUpdateResponseOutputTextDelta>().Select(one => one.Delta)));
        var usage = Assert.Single(greeting.OfType<RealtimeServerUpdateResponseDone>()).Response.Usage;
        Assert.Equal(usage.TotalTokenCount, usage.InputTokenCount + usage.OutputTokenCount);

        await session.AddItemAsync(RealtimeItem.CreateUserMessageItem("make the background blue"), Token);
        await session.StartResponseAsync(Token);
        var call = Assert.IsType<RealtimeFunctionCallItem>(Assert.Single((await UntilDoneAsync(session)).OfType<RealtimeServerUpdateResponseDone>()).Response.OutputItems[0]);
        Assert.Equal(("changeBackgroundColor", """{"color":"blue"}"""), (call.FunctionName, call.FunctionArguments.ToString()));

        await session.AddItemAsync(RealtimeItem.CreateFunctionCallOutputItem(call.CallId, "ok"), Token);
        await session.StartResponseAsync(Token);
        Assert.Equal("I made the background blue.",
            Assert.Single((await UntilDoneAsync(session)).OfType<RealtimeServerUpdateResponseOutputTextDone>()).Text);
    }

    [Fact]
    public async Task It_joins_a_call_by_its_id_and_answers_a_function_call_there()
    {
        await using var azure = await SimulatedAzure.StartAsync(new() { CannedAnswers = true }, TimeProvider.System);
        var id = await azure.BeginCallAsync();
        using var session = await ClientOf(azure).StartConversationSessionAsync(
            "gpt-realtime", new RealtimeSessionClientOptions { QueryString = "call_id=" + id }, Token);

        await session.ConfigureConversationSessionAsync(OptionsWithTool(), Token);
        await session.AddItemAsync(RealtimeItem.CreateUserMessageItem("make the background blue"), Token);
        await session.StartResponseAsync(Token);
        var turn = await UntilDoneAsync(session);
        Assert.IsType<RealtimeServerUpdateSessionCreated>(turn[0]);
        var call = Assert.IsType<RealtimeFunctionCallItem>(Assert.Single(turn.OfType<RealtimeServerUpdateResponseDone>()).Response.OutputItems[0]);
        await session.AddItemAsync(RealtimeItem.CreateFunctionCallOutputItem(call.CallId, "ok"), Token);
        await session.StartResponseAsync(Token);

        Assert.Equal("I made the background blue.",
            Assert.Single((await UntilDoneAsync(session)).OfType<RealtimeServerUpdateResponseOutputTextDone>()).Text);
        Assert.Equal(1, (int)Assert.Single(await azure.CallsAsync())["sidebands"]!);
    }

    private static RealtimeClient ClientOf(SimulatedAzure azure) =>
        new(new ApiKeyCredential(SimulatedAzure.Key), new RealtimeClientOptions { Endpoint = new(azure.Http.BaseAddress!, "/openai/v1") });

    private static RealtimeConversationSessionOptions OptionsWithTool()
    {
        var options = new RealtimeConversationSessionOptions();
        options.OutputModalities.Add(RealtimeOutputModality.Text);
        options.Tools.Add(new RealtimeFunctionTool("changeBackgroundColor"));
        return options;
    }

    private static async Task<List<RealtimeServerUpdate>> UntilDoneAsync(RealtimeSessionClient session)
    {
        var updates = new List<RealtimeServerUpdate>();
        await foreach (var update in session.ReceiveUpdatesAsync(Token))
        {
            Assert.IsNotType<RealtimeServerUpdateError>(update);
            updates.Add(update);
            if (update is RealtimeServerUpdateResponseDone) break;
        }

        return updates;
    }
}
