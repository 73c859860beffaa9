using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using OpenAI.Realtime;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>The official .NET client through the gateway's routes for SDKs, with the simulator as the service.</summary>
public sealed class OpenAIClientTicketTests : IAsyncLifetime
{
    private readonly CallersKey _key = CallersKey.New();
    private SimulatedAzure _azure = null!;
    private Gateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(time: TimeProvider.System);
        _gateway = Gateway.StartWith(
            _azure.Http.BaseAddress!.AbsoluteUri,
            new Dictionary<string, string?>
            {
                ["AZURE_OPENAI_API_KEY"] = SimulatedAzure.Key,
                ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
                ["Callers:Keys:web:Hash"] = _key.Hash,
            },
            settings => settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "voice", "modalities" ]"""));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task It_gets_a_secret_and_understands_the_answer()
    {
        var options = new RealtimeConversationSessionOptions { Model = "gpt-realtime-2.1", Instructions = "Obey me." };
        options.AudioOptions = new() { OutputAudioOptions = new() { Voice = RealtimeVoice.Cedar } };
        CreateClientSecretResult secret = await ClientOf(_key.Key).CreateRealtimeClientSecretAsync(
            new CreateClientSecretOptions { SessionOptions = options, ExpirationPolicy = new() { Seconds = 600 } }, Token);

        Assert.StartsWith("ek_", secret.Value, StringComparison.Ordinal);
        Assert.InRange((secret.ExpiresAt - DateTimeOffset.UtcNow).TotalSeconds, 50, 61);
        var session = Assert.IsType<RealtimeConversationSession>(secret.Session);
        Assert.Equal(("gpt-realtime", null, RealtimeVoice.Cedar), (session.Model, session.Instructions, session.AudioOptions.OutputAudioOptions.Voice));
        Assert.Empty(session.Tools);
        Assert.Empty(_azure.Received.All);
    }

    [Theory]
    [InlineData("caller's key")]
    [InlineData("ticket")]
    [InlineData("ticket as the client's secret")]
    public async Task It_has_a_conversation_with_a_function_call(string by)
    {
        var ticket = by is "caller's key" ? null : await SecretAsync();
        var client = ClientOf(by is "ticket" ? ticket! : _key.Key);
        var secret = new RealtimeSessionClientOptions { ClientSecret = by is "ticket as the client's secret" ? ticket : null };
        using var session = await client.StartConversationSessionAsync("gpt-realtime-2.1", secret, Token);
        var options = new RealtimeConversationSessionOptions { Model = "gpt-realtime-2.1", Instructions = "Obey me.", Tracing = new(RealtimeDefaultTracing.Auto) };
        options.OutputModalities.Add(RealtimeOutputModality.Text);
        options.Tools.Add(new RealtimeFunctionTool("changeBackgroundColor"));
        await session.ConfigureConversationSessionAsync(options, Token);

        await session.AddItemAsync(RealtimeItem.CreateUserMessageItem("make the background blue"), Token);
        await session.StartResponseAsync(Token);
        var asked = await UntilDoneAsync(session);
        var call = Assert.IsType<RealtimeFunctionCallItem>(Assert.Single(asked.OfType<RealtimeServerUpdateResponseDone>()).Response.OutputItems[0]);
        Assert.Equal(("changeBackgroundColor", """{"color":"blue"}"""), (call.FunctionName, call.FunctionArguments.ToString()));
        Assert.Single(asked.OfType<RealtimeServerUpdateSessionUpdated>());

        await session.AddItemAsync(RealtimeItem.CreateFunctionCallOutputItem(call.CallId, "ok"), Token);
        await session.StartResponseAsync(Token);
        Assert.Equal("I made the background blue.",
            Assert.Single((await UntilDoneAsync(session)).OfType<RealtimeServerUpdateResponseOutputTextDone>()).Text);
        if (ticket is not null)
        {
            var refused = await Assert.ThrowsAsync<WebSocketException>(() => ClientOf(ticket).StartConversationSessionAsync("gpt-realtime", cancellationToken: Token));
            Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        }
    }

    private async Task<string> SecretAsync()
    {
        var answer = await ClientOf(_key.Key).CreateRealtimeClientSecretAsync(
            BinaryContent.Create(BinaryData.FromString("""{"session":{"type":"realtime","model":"gpt-realtime-2.1"}}""")), new RequestOptions { CancellationToken = Token });
        return (string)JsonNode.Parse(answer.GetRawResponse().Content)!["value"]!;
    }

    private RealtimeClient ClientOf(string key) =>
        new(new ApiKeyCredential(key), new RealtimeClientOptions { Endpoint = new(_gateway.Http.BaseAddress!, "/openai/v1") });

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
