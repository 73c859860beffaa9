using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Tests.Simulator;

public class ClientSecretsTests
{
    [Fact]
    public async Task A_mint_answers_a_secret_its_expiry_and_the_session()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.MintAsync();
        var answer = await SimulatedAzure.JsonOfAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["value", "expires_at", "session"], answer.Select(member => member.Key));
        Assert.Matches("^ek_[0-9a-f]{32}$", answer["value"]!.GetValue<string>());
        Assert.Matches("^sess_[0-9a-f]{24}$", answer["session"]!["id"]!.GetValue<string>());
        Assert.True(azure.Secrets.TryFind(answer["value"]!.GetValue<string>(), out var secret));
        Assert.Equal("gpt-realtime", secret.Deployment);
    }

    [Theory]
    [InlineData("", 600)]
    [InlineData("\"expires_after\":{\"anchor\":\"created_at\"},", 600)]
    [InlineData("\"expires_after\":{\"seconds\":10},", 10)]
    [InlineData("\"expires_after\":{\"anchor\":\"created_at\",\"seconds\":7200},", 7200)]
    public async Task A_secret_lives_as_long_as_asked_and_ten_minutes_otherwise(string expiresAfter, int seconds)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var body = $$$"""{{{{expiresAfter}}}"session":{"type":"realtime","model":"gpt-realtime"}}""";
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync(body));

        Assert.Equal(azure.Time.GetUtcNow().ToUnixTimeSeconds() + seconds, answer["expires_at"]!.GetValue<long>());
    }

    [Fact]
    public async Task Everything_that_was_asked_for_is_echoed()
    {
        const string Asked = """
            {"type":"realtime","model":"gpt-realtime-mini","instructions":"a business secret","output_modalities":["text"],
             "tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"tool_choice":"required","max_output_tokens":7,
             "tracing":"auto","truncation":"disabled","prompt":{"id":"pmpt_1","variables":{"a":"b"}}}
            """;
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync($$"""{"session":{{Asked}}}"""));

        foreach (var (name, value) in JsonNode.Parse(Asked)!.AsObject())
            Assert.True(JsonNode.DeepEquals(value, answer["session"]![name]), name);
    }

    [Fact]
    public async Task What_was_not_asked_for_has_the_services_defaults()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(
            await azure.MintAsync("""{"session":{"type":"realtime","model":"gpt-realtime"}}"""));
        var session = answer["session"]!.AsObject();
        session.Remove("id");

        var expected = JsonNode.Parse("""
            {"type":"realtime","object":"realtime.session","model":"gpt-realtime","output_modalities":["audio"],"instructions":"","tools":[],
             "tool_choice":"auto","max_output_tokens":"inf","tracing":null,"truncation":"auto","prompt":null,"expires_at":0,
             "audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":null,"noise_reduction":null,
                               "turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":200,
                                                 "idle_timeout_ms":null,"create_response":true,"interrupt_response":true}},
                      "output":{"format":{"type":"audio/pcm","rate":24000},"voice":"alloy","speed":1}},"include":null}
            """);
        Assert.True(JsonNode.DeepEquals(expected, session), session.ToJsonString());
    }

    [Fact]
    public async Task Turn_detection_that_is_null_stays_off()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var answer = await SimulatedAzure.JsonOfAsync(await azure.MintAsync(
            """{"session":{"type":"realtime","model":"gpt-realtime","audio":{"input":{"turn_detection":null}}}}"""));

        Assert.Null(answer["session"]!["audio"]!["input"]!["turn_detection"]);
    }

    [Theory]
    [InlineData("voice", "\"alloy\"", "session.voice")]
    [InlineData("modalities", "[\"audio\"]", "session.modalities")]
    [InlineData("temperature", "0.8", "session.temperature")]
    [InlineData("turn_detection", "null", "session.turn_detection")]
    [InlineData("input_audio_transcription", "{}", "session.input_audio_transcription")]
    [InlineData("audio", "{\"voice\":\"alloy\"}", "session.audio.voice")]
    [InlineData("audio", "{\"output\":{\"volume\":1}}", "session.audio.output.volume")]
    [InlineData("audio", "{\"input\":{\"turn_detection\":{\"type\":\"semantic_vad\",\"threshold\":1}}}", "session.audio.input.turn_detection.threshold")]
    [InlineData("tools", "[{\"type\":\"function\",\"name\":\"f\"},{\"type\":\"function\",\"name\":\"g\",\"strict\":true}]", "session.tools[1].strict")]
    [InlineData("prompt", "{\"id\":\"p\",\"name\":\"n\"}", "session.prompt.name")]
    public Task An_unknown_member_is_refused_by_name(string member, string value, string param) =>
        AssertRefusedAsync(WithMember(member, value), "unknown_parameter", param);

    [Theory]
    [InlineData("output_modalities", "[\"audio\",\"text\"]", "session.output_modalities")]
    [InlineData("output_modalities", "[]", "session.output_modalities")]
    [InlineData("output_modalities", "\"audio\"", "session.output_modalities")]
    [InlineData("instructions", "7", "session.instructions")]
    [InlineData("instructions", "null", "session.instructions")]
    [InlineData("audio", "{\"output\":{\"voice\":\"nobody\"}}", "session.audio.output.voice")]
    [InlineData("audio", "{\"output\":{\"voice\":{\"id\":\"\"}}}", "session.audio.output.voice.id")]
    [InlineData("audio", "{\"output\":{\"speed\":0.2}}", "session.audio.output.speed")]
    [InlineData("audio", "{\"output\":{\"speed\":1.6}}", "session.audio.output.speed")]
    [InlineData("audio", "{\"input\":{\"format\":{\"type\":\"audio/opus\"}}}", "session.audio.input.format.type")]
    [InlineData("audio", "{\"input\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":16000}}}", "session.audio.input.format.rate")]
    [InlineData("audio", "{\"input\":{\"transcription\":{\"model\":\"not-deployed\"}}}", "session.audio.input.transcription.model")]
    [InlineData("audio", "{\"input\":{\"noise_reduction\":{\"type\":\"none\"}}}", "session.audio.input.noise_reduction.type")]
    [InlineData("audio", "{\"input\":{\"turn_detection\":{\"type\":\"none\"}}}", "session.audio.input.turn_detection.type")]
    [InlineData("audio", "{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":4999}}}", "session.audio.input.turn_detection.idle_timeout_ms")]
    [InlineData("audio", "{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"create_response\":\"yes\"}}}", "session.audio.input.turn_detection.create_response")]
    [InlineData("max_output_tokens", "0", "session.max_output_tokens")]
    [InlineData("max_output_tokens", "4097", "session.max_output_tokens")]
    [InlineData("max_output_tokens", "\"many\"", "session.max_output_tokens")]
    [InlineData("reasoning", "{\"effort\":\"extreme\"}", "session.reasoning.effort")]
    [InlineData("tools", "{}", "session.tools")]
    [InlineData("tools", "[{\"type\":\"web_search\"}]", "session.tools[0].type")]
    [InlineData("tools", "[{\"type\":\"function\",\"name\":\"f\",\"parameters\":\"none\"}]", "session.tools[0].parameters")]
    [InlineData("tool_choice", "\"f\"", "session.tool_choice")]
    [InlineData("truncation", "\"never\"", "session.truncation")]
    [InlineData("tracing", "\"on\"", "session.tracing")]
    [InlineData("include", "[\"everything\"]", "session.include[0]")]
    public Task A_wrong_value_is_refused_by_name(string member, string value, string param) =>
        AssertRefusedAsync(WithMember(member, value), "invalid_value", param);

    [Theory]
    [InlineData("""{}""", "missing_required_parameter", "session")]
    [InlineData("""{"session":{"model":"gpt-realtime"}}""", "missing_required_parameter", "session.type")]
    [InlineData("""{"session":{"type":"realtime"}}""", "missing_required_parameter", "session.model")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime","tools":[{"name":"f"}]}}""", "missing_required_parameter", "session.tools[0].type")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime","tools":[{"type":"function"}]}}""", "missing_required_parameter", "session.tools[0].name")]
    [InlineData("""{"session":{"type":"transcription","model":"gpt-realtime"}}""", "invalid_value", "session.type")]
    [InlineData("""{"session":[]}""", "invalid_value", "session")]
    [InlineData("""{"expires_after":{"seconds":9},"session":{"type":"realtime","model":"gpt-realtime"}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"seconds":60.5},"session":{"type":"realtime","model":"gpt-realtime"}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"minutes":1},"session":{"type":"realtime","model":"gpt-realtime"}}""", "unknown_parameter", "expires_after.minutes")]
    [InlineData("""{"model":"gpt-realtime","session":{"type":"realtime","model":"gpt-realtime"}}""", "unknown_parameter", "model")]
    public async Task A_body_of_the_wrong_shape_is_refused(string body, string code, string param) =>
        await AssertRefusedAsync(body, code, param);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"session":{"type":"realtime"},"session":{"type":"realtime"}}""")]
    public Task A_body_that_is_no_unambiguous_JSON_object_is_refused(string body) => AssertRefusedAsync(body, null, null);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Another_content_type_is_refused(string contentType)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.SendAsync(
            SimulatedAzure.Post(SimulatedAzure.Mint, SimulatedAzure.GaBody, SimulatedAzure.Key, contentType));

        await AssertErrorAsync(response, "unsupported_content_type", null);
    }

    [Fact]
    public async Task A_model_that_is_not_deployed_is_not_found()
    {
        await using var azure = await SimulatedAzure.StartAsync(new SimulatorOptions { Deployments = ["mine"] });
        var response = await azure.MintAsync();

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("DeploymentNotFound", (await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]!.GetValue<string>());
        Assert.Equal(0, azure.Secrets.Count);
    }

    [Theory]
    [InlineData(SimulatedAzure.PreviewVersion)]
    [InlineData("v1")]
    [InlineData("")]
    public async Task The_v1_path_refuses_an_api_version(string version)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.SendAsync(
            SimulatedAzure.Post($"{SimulatedAzure.Mint}?api-version={version}", SimulatedAzure.GaBody, SimulatedAzure.Key));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("BadRequest", (await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]!.GetValue<string>());
    }

    private static string WithMember(string member, string value) =>
        $$$"""{"session":{"type":"realtime","model":"gpt-realtime","{{{member}}}":{{{value}}} }}""";

    private static async Task AssertRefusedAsync(string body, string? code, string? param)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        await AssertErrorAsync(await azure.MintAsync(body), code, param);
        Assert.Equal(0, azure.Secrets.Count);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, string? code, string? param)
    {
        var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!.AsObject();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["message", "type", "param", "code"], error.Select(member => member.Key));
        Assert.Equal("invalid_request_error", error["type"]!.GetValue<string>());
        Assert.Equal(code, error["code"]?.GetValue<string>());
        Assert.Equal(param, error["param"]?.GetValue<string>());
    }
}
