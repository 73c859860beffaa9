using System.Net;

namespace RealtimeGateway.Tests.Simulator;

public class PreviewSessionsTests
{
    private const string Path = "/openai/realtimeapi/sessions";

    [Fact]
    public async Task A_preview_mint_answers_the_flat_session_with_a_secret_for_a_minute()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.MintPreviewAsync(
            """{"model":"gpt-realtime","voice":"echo","instructions":"be brief","modalities":["text"],"tools":[{"type":"function","name":"f"}]}""");
        var answer = await SimulatedAzure.JsonOfAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("sess_", answer["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("echo", answer["voice"]!.GetValue<string>());
        Assert.Equal("be brief", answer["instructions"]!.GetValue<string>());
        Assert.Equal("""["text"]""", answer["modalities"]!.ToJsonString());
        Assert.Equal("""[{"type":"function","name":"f"}]""", answer["tools"]!.ToJsonString());
        Assert.False(answer.ContainsKey("value"));
        var secret = answer["client_secret"]!;
        Assert.Equal(azure.Time.GetUtcNow().ToUnixTimeSeconds() + 60, secret["expires_at"]!.GetValue<long>());
        Assert.True(azure.Secrets.TryFind(secret["value"]!.GetValue<string>(), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?api-version=")]
    [InlineData("?api-version=v1")]
    [InlineData("?api-version=preview")]
    [InlineData("?api-version=2025-04-01")]
    [InlineData("?api-version=2025-13-01-preview")]
    [InlineData("?api-version=2025-04-01-preview-2")]
    public async Task Without_a_preview_version_there_is_no_such_resource(string query)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.SendAsync(SimulatedAzure.Post(Path + query, SimulatedAzure.PreviewBody, SimulatedAzure.Key));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(
            """{"error":{"code":"404","message":"Resource not found"}}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"model":"gpt-realtime","audio":{}}""", "unknown_parameter", "audio")]
    [InlineData("""{"model":"gpt-realtime","type":"realtime"}""", "unknown_parameter", "type")]
    [InlineData("""{"model":"gpt-realtime","output_modalities":["audio"]}""", "unknown_parameter", "output_modalities")]
    [InlineData("""{"model":"gpt-realtime","max_output_tokens":7}""", "unknown_parameter", "max_output_tokens")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-realtime"},"model":"gpt-realtime"}""", "unknown_parameter", "session")]
    [InlineData("""{"model":"gpt-realtime","tools":[{"type":"mcp","server_label":"m"}]}""", "invalid_value", "tools[0].type")]
    [InlineData("""{"model":"gpt-realtime","voice":"nobody"}""", "invalid_value", "voice")]
    [InlineData("""{"model":"gpt-realtime","modalities":["audio","smell"]}""", "invalid_value", "modalities")]
    [InlineData("""{"model":"gpt-realtime","input_audio_format":"opus"}""", "invalid_value", "input_audio_format")]
    [InlineData("""{"model":"gpt-realtime","temperature":2}""", "invalid_value", "temperature")]
    [InlineData("""{"voice":"alloy"}""", "missing_required_parameter", "model")]
    public async Task A_wrong_body_is_refused_by_name(string body, string code, string param)
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.MintPreviewAsync(body);
        var error = (await SimulatedAzure.JsonOfAsync(response))["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, error["code"]!.GetValue<string>());
        Assert.Equal(param, error["param"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_model_that_is_not_deployed_is_not_found()
    {
        await using var azure = await SimulatedAzure.StartAsync();
        var response = await azure.MintPreviewAsync("""{"model":"gpt-4o"}""");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("DeploymentNotFound", (await SimulatedAzure.JsonOfAsync(response))["error"]!["code"]!.GetValue<string>());
    }
}
