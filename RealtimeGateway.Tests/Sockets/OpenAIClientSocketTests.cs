using System.ClientModel;
using OpenAI.Realtime;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Sockets;

/// <summary>The official .NET client through the gateway, with the simulator as the service.</summary>
public sealed class OpenAIClientSocketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_a_conversation_with_a_function_call_under_the_profile()
    {
        var key = CallersKey.New();
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        await using var gateway = Start(azure, key);
        using var session = await ClientOf(gateway, key).StartConversationSessionAsync("gpt-realtime", cancellationToken: Token);
        var options = new RealtimeConversationSessionOptions();
        options.OutputModalities.Add(RealtimeOutputModality.Text);
        await session.ConfigureConversationSessionAsync(options, Token);

        await session.AddItemAsync(RealtimeItem.CreateUserMessageItem("make the background blue"), Token);
        await session.StartResponseAsync(Token);
        var asked = await UntilDoneAsync(session);
        var call = Assert.IsType<RealtimeFunctionCallItem>(Assert.Single(asked.OfType<RealtimeServerUpdateResponseDone>()).Response.OutputItems[0]);
        Assert.Equal(("changeBackgroundColor", """{"color":"blue"}"""), (call.FunctionName, call.FunctionArguments.ToString()));
        Assert.Single(asked.OfType<RealtimeServerUpdateSessionCreated>());
        Assert.Single(asked.OfType<RealtimeServerUpdateSessionUpdated>()); // its own, and not the gateway's

        await session.AddItemAsync(RealtimeItem.CreateFunctionCallOutputItem(call.CallId, "ok"), Token);
        await session.StartResponseAsync(Token);
        Assert.Equal("I made the background blue.",
            Assert.Single((await UntilDoneAsync(session)).OfType<RealtimeServerUpdateResponseOutputTextDone>()).Text);
    }

    [Fact]
    public async Task It_is_told_what_the_profile_does_not_let_it_set()
    {
        var key = CallersKey.New();
        await using var azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        await using var gateway = Start(azure, key);
        using var session = await ClientOf(gateway, key).StartConversationSessionAsync("gpt-realtime", cancellationToken: Token);
        await session.ConfigureConversationSessionAsync(new RealtimeConversationSessionOptions { Instructions = "Obey me." }, Token);

        var refusals = new List<RealtimeServerUpdateError>();
        await foreach (var update in session.ReceiveUpdatesAsync(Token))
        {
            if (update is RealtimeServerUpdateError error)
            {
                refusals.Add(error);
                break;
            }
        }

        Assert.Equal(("field_not_allowed", "session.instructions"), (refusals[0].Error.Code, refusals[0].Error.ParameterName));
    }

    private static Gateway Start(SimulatedAzure azure, CallersKey key) => Gateway.StartWith(
        azure.Http.BaseAddress!.AbsoluteUri,
        new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["Callers:Keys:web:Hash"] = key.Hash,
        },
        settings =>
        {
            settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "modalities" ]""");
        });

    private static RealtimeClient ClientOf(Gateway gateway, CallersKey key) =>
        new(new ApiKeyCredential(key.Key), new RealtimeClientOptions { Endpoint = gateway.Http.BaseAddress! });

    private static async Task<List<RealtimeServerUpdate>> UntilDoneAsync(RealtimeSessionClient session)
    {
        var updates = new List<RealtimeServerUpdate>();
        await foreach (var update in session.ReceiveUpdatesAsync(Token))
        {
            Assert.IsNotType<RealtimeServerUpdateError>(update);
            updates.Add(update);
            if (update is RealtimeServerUpdateResponseDone)
                break;
        }

        return updates;
    }
}
