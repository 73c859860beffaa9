using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;

namespace RealtimeGateway.Tests.Simulator;

public class SchemaConformanceTests
{
    private const string Response = "RealtimeCreateClientSecretResponse";
    private const string Request = "RealtimeCreateClientSecretRequest";

    private const string RichBody = """
        {"expires_after":{"anchor":"created_at","seconds":60},
         "session":{"type":"realtime","model":"gpt-realtime","instructions":"be brief","output_modalities":["audio"],
          "audio":{"input":{"format":{"type":"audio/pcm","rate":24000},
                            "transcription":{"model":"whisper-1","language":"en"},
                            "noise_reduction":{"type":"near_field"},
                            "turn_detection":{"type":"semantic_vad","eagerness":"low"}},
                   "output":{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1.25}},
          "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}},
                   {"type":"mcp","server_label":"m","server_url":"https://mcp.invalid","require_approval":"never"}],
          "tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":true,"reasoning":{"effort":"low"},
          "max_output_tokens":1024,"truncation":{"type":"retention_ratio","retention_ratio":0.8},
          "tracing":{"workflow_name":"w"},"prompt":{"id":"pmpt_1","version":"2"},
          "include":["item.input_audio_transcription.logprobs"]}}
        """;

    private const string SilentBody =
        """{"session":{"type":"realtime","model":"gpt-realtime","output_modalities":["text"],"audio":{"input":{"turn_detection":null}}}}""";

    [Theory]
    [InlineData(SimulatedAzure.GaBody)]
    [InlineData(SilentBody)]
    [InlineData(RichBody)]
    public async Task A_request_that_the_schema_allows_gets_an_answer_that_the_schema_allows(string body)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync(body));

        Assert.Empty(await RealtimeSchemas.ViolationsAsync(Request, RealtimeSchemas.WithoutNulls(JsonNode.Parse(body)!)));
        Assert.Empty(await RealtimeSchemas.ViolationsAsync(Response, RealtimeSchemas.WithoutNulls(answer)));
    }

    [Theory]
    [InlineData("value")]
    [InlineData("expires_at")]
    [InlineData("session")]
    public async Task The_schema_notices_an_answer_without(string member)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());

        answer.Remove(member);

        Assert.NotEmpty(await RealtimeSchemas.ViolationsAsync(Response, RealtimeSchemas.WithoutNulls(answer)));
    }

    [Theory]
    [InlineData("id", "7")]
    [InlineData("object", "\"session\"")]
    [InlineData("output_modalities", "[\"smell\"]")]
    [InlineData("audio", "{\"output\":{\"speed\":9}}")]
    [InlineData("audio", "{\"input\":{\"turn_detection\":{\"type\":\"other_vad\"}}}")]
    public async Task The_schema_notices_a_session_with_a_wrong(string member, string value)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());

        answer["session"]![member] = JsonNode.Parse(value);

        Assert.NotEmpty(await RealtimeSchemas.ViolationsAsync(Response, RealtimeSchemas.WithoutNulls(answer)));
    }

    [Theory]
    [InlineData("""{"expires_after":{"seconds":5},"session":{"type":"realtime","model":"gpt-realtime"}}""")]
    [InlineData("""{"expires_after":{"seconds":7201},"session":{"type":"realtime","model":"gpt-realtime"}}""")]
    [InlineData("""{"expires_after":{"anchor":"used_at"},"session":{"type":"realtime","model":"gpt-realtime"}}""")]
    [InlineData("""{"session":{"model":"gpt-realtime"}}""")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime","audio":{"output":{"speed":2}}}}""")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime","tools":[{"type":"mcp"}]}}""")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime","audio":{"input":{"turn_detection":{"type":"other_vad"}}}}}""")]
    public async Task What_the_schema_forbids_is_refused(string body)
    {
        await using var azure = await SimulatedAzure.StartAsync();

        Assert.NotEmpty(await RealtimeSchemas.ViolationsAsync(Request, JsonNode.Parse(body)!));
        Assert.Equal(HttpStatusCode.BadRequest, (await azure.MintAsync(body)).StatusCode);
    }

    [Theory]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime","voice":"alloy"}}""")]
    [InlineData("""{"session":{"type":"realtime","model":"unknown"}}""")]
    [InlineData("""{"session":{"type":"realtime"}}""")]
    [InlineData("not json")]
    public async Task The_services_own_errors_keep_to_the_error_schema(string body)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync(body));

        Assert.Empty(await RealtimeSchemas.ViolationsAsync("ErrorResponse", answer));
    }

    [Fact]
    public async Task The_error_schema_notices_the_shape_of_the_front_door()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 401 });
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync());

        Assert.NotEmpty(await RealtimeSchemas.ViolationsAsync("ErrorResponse", answer));
    }

    [Fact]
    public async Task A_preview_answer_keeps_to_the_flat_session_schema()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintPreviewAsync());

        Assert.Empty(await RealtimeSchemas.ViolationsAsync("RealtimeSessionCreateResponse", RealtimeSchemas.WithoutNulls(answer)));
    }
}
