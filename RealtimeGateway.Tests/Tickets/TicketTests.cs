using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>What a caller gets that asks for a secret as OpenAI's SDKs do. Azure hears nothing of it.</summary>
public sealed class TicketTests : IAsyncLifetime
{
    private const long Now = 1_800_000_000;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(Now));
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => _azure = await CallingAzure.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _gateway.AssertNoSecretLogged();
        Assert.Empty(_azure.All);
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task It_is_the_services_answer_without_what_stays_inside()
    {
        Start(settings =>
        {
            settings.Set("Realtime:Profiles:assistant:Transcription", """{ "Model": "secret-transcriber", "Language": "en", "Prompt": "secret names" }""");
            settings.Set("Realtime:Profiles:assistant:TurnDetection", """{ "Type": "semantic_vad", "Eagerness": "low" }""");
            settings.Set("Realtime:Profiles:assistant:NoiseReduction", "\"near_field\"");
        });

        using var response = await _gateway.AskForTicketAsync("""{"session":{"type":"realtime","model":"gpt-realtime"}}""");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var answer = JsonNode.Parse(text)!.AsObject();
        Assert.Matches("^ek_[A-Za-z0-9_-]{100,6141}$", (string)answer["value"]!);
        Assert.Matches("^sess_[0-9a-f]{32}$", (string)answer["session"]!["id"]!);
        answer["value"] = "the value";
        answer["session"]!["id"] = "the id";
        Assert.Equal(
            Answers.Normal("""
                {"value":"the value","expires_at":1800000060,
                 "session":{"object":"realtime.session","id":"the id","type":"realtime","output_modalities":["audio"],
                  "audio":{"input":{"transcription":{"language":"en"},"noise_reduction":{"type":"near_field"},"turn_detection":{"type":"semantic_vad","eagerness":"low"}},
                           "output":{"voice":"marin"}},
                  "model":"gpt-realtime"}}
                """),
            Answers.Normal(answer.ToJsonString()));
        Assert.Equal(
            ["cache-control", "content-length", "content-type", "date", "referrer-policy", "x-content-type-options", "x-frame-options", "x-request-id"],
            response.HeaderNames().Except(["content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy", "server", "strict-transport-security"]));
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Empty(await RealtimeSchemas.ViolationsAsync("RealtimeCreateClientSecretResponse", RealtimeSchemas.WithoutNulls(JsonNode.Parse(text)!)));
    }

    [Theory]
    [InlineData(null)] // the SDK for Node sends no body unless there is something to say
    [InlineData("{}")]
    [InlineData("""{"session":{"type":"realtime"}}""")]
    [InlineData("""{"expires_after":null,"session":{"type":"realtime"}}""")]
    [InlineData("""{"expires_after":{"anchor":"created_at","seconds":7200}}""")]
    public async Task It_lives_as_long_as_the_profile_says_whatever_is_asked(string? body)
    {
        Start();

        Assert.Equal(Now + 60, (long)(await AnswerAsync(body))["expires_at"]!);
    }

    [Fact]
    public async Task It_may_be_wanted_for_less_time()
    {
        Start();

        Assert.Equal(Now + 10, (long)(await AnswerAsync("""{"expires_after":{"anchor":"created_at","seconds":10}}"""))["expires_at"]!);
    }

    [Fact]
    public async Task What_SDKs_always_send_is_replaced_by_the_profiles_values()
    {
        Start();

        var session = (await AnswerAsync(AgentsSession))["session"]!;

        Assert.Equal(("gpt-realtime", "marin"), ((string?)session["model"], (string?)session["audio"]!["output"]!["voice"]));
        Assert.Equal(["object", "id", "type", "output_modalities", "audio", "model"], session.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task What_the_profile_lets_the_caller_set_counts()
    {
        Start(settings => settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "voice", "modalities" ]"""));

        var session = (await AnswerAsync("""{"session":{"type":"realtime","output_modalities":["text"],"audio":{"output":{"voice":"cedar","speed":1}}}}"""))["session"]!;

        Assert.Equal(("""["text"]""", "cedar"), (session["output_modalities"]!.ToJsonString(), (string?)session["audio"]!["output"]!["voice"]));
    }

    [Theory]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("""{"session":{"type":"realtime","type":"realtime"}}""", "invalid_json", null)]
    [InlineData("""{"session":[]}""", "invalid_value", "session")]
    [InlineData("""{"session":{"type":"transcription"}}""", "invalid_value", "session.type")]
    [InlineData("""{"session":{"audio":7}}""", "invalid_value", "session.audio")]
    [InlineData("""{"session":{"audio":{"output":{"voice":"nobody"}}}}""", "invalid_value", "session.audio.output.voice")]
    [InlineData("""{"session":{"audio":{"output":{"voice":{"id":"voice_1"}}}}}""", "invalid_value", "session.audio.output.voice")]
    [InlineData("""{"expires_after":7}""", "invalid_value", "expires_after")]
    [InlineData("""{"expires_after":{"seconds":9}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"seconds":"60"}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"sesion":{}}""", "field_not_allowed", "sesion")]
    public async Task What_makes_no_sense_is_refused_by_name(string body, string code, string? param)
    {
        Start();

        using var response = await _gateway.AskForTicketAsync(body);

        await response.ShouldFailAsync(400, code, param);
    }

    [Theory]
    [InlineData("""{"session":{"type":"realtime","instructions":""}}""", "session.instructions")]
    [InlineData("""{"session":{"type":"realtime","model":"other"}}""", "session.model")]
    [InlineData("""{"session":{"type":"realtime","tracing":"auto"}}""", "session.tracing")]
    [InlineData("""{"session":{"type":"realtime","audio":{"input":{}}}}""", "session.audio.input")]
    [InlineData("""{"session":{"type":"realtime","audio":{"output":{"speed":1}}}}""", "session.audio.output.speed")]
    [InlineData("""{"expires_after":{"seconds":60}}""", "expires_after")]
    public async Task Without_the_word_it_is_refused_by_name_as_elsewhere(string body, string param)
    {
        Start(settings => settings.Set("ReverseProxy:Routes:sdkclientsecrets:Transforms:0", """{ "SessionProfile": "assistant" }"""));

        using var response = await _gateway.AskForTicketAsync(body);

        await response.ShouldFailAsync(400, param.EndsWith("model", StringComparison.Ordinal) ? "invalid_value" : "field_not_allowed", param);
    }

    [Theory]
    [InlineData("instructions", "session.instructions")]
    [InlineData("tools", "session.tools")]
    public async Task A_choice_that_no_header_has_room_for_is_refused_by_name(string member, string param)
    {
        Start(settings => settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "instructions", "tools" ]"""));
        var much = new string('x', 5000);

        using var response = await _gateway.AskForTicketAsync(member is "tools"
            ? $$$"""{"session":{"tools":[{"type":"function","name":"f","description":"{{{much}}}"}]}}"""
            : $$$"""{"session":{"instructions":"{{{much}}}"}}""");

        await response.ShouldFailAsync(400, "invalid_value", param);
    }

    [Fact]
    public async Task It_needs_JSON_and_a_profile_that_is_for_the_caller()
    {
        Start();
        using var form = await _gateway.SendAsync(HttpMethod.Post, Ticketing.Path, key: null, new StringContent("session=x"));
        using var stranger = await _gateway.AskForTicketAsync("{}", path: Ticketing.Path + "?profile=nobody");

        await form.ShouldFailAsync(415, "unsupported_media_type");
        await stranger.ShouldFailAsync(403, "forbidden", "profile");
    }

    /// <summary>What <c>@openai/agents-realtime</c> sends for an agent without instructions and tools.</summary>
    internal const string AgentsSession = """
        {"session":{"type":"realtime","instructions":"","model":"gpt-realtime-2.1","output_modalities":["audio"],"tool_choice":"auto","tools":[],"tracing":"auto",
         "audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"noise_reduction":null,"transcription":{"model":"gpt-4o-mini-transcribe"},"turn_detection":{"type":"semantic_vad"}},
                  "output":{"format":{"type":"audio/pcm","rate":24000},"speed":1}}}}
        """;

    private async Task<JsonNode> AnswerAsync(string? body)
    {
        using var response = await _gateway.AskForTicketAsync(body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode is 200, text);
        return JsonNode.Parse(text)!;
    }

    private void Start(Action<JsonNode>? change = null) => _gateway = Gateway.StartWith(
        _azure.Url,
        change: settings =>
        {
            settings.Set("Realtime:Profiles:assistant:Instructions", "\"secret instructions\"");
            change?.Invoke(settings);
        },
        services: services => services.AddSingleton<TimeProvider>(_time));
}
