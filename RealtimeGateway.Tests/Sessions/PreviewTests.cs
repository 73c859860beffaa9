using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sessions;

public sealed class PreviewTests : IAsyncDisposable
{
    private readonly Azure _azure = new();
    private readonly Gateway _gateway;

    public PreviewTests() => _gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?>
    {
        ["AZURE_OPENAI_API_VERSION"] = "2025-04-01-preview",
        ["AZURE_OPENAI_WEBRTC_URL"] = "https://eastus2.realtimeapi-preview.ai.azure.com/v1/realtimertc",
    });

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public async Task The_same_contract_over_the_preview_protocol(int status)
    {
        _azure.MintsPreview(status);

        using var response = await _gateway.MintAsync("""{"model":"gpt-realtime","voice":"alloy"}""");

        await response.ShouldBeAsync(HttpStatusCode.OK, $$"""
            {
              "id": "sess_of_azure",
              "object": "realtime.session",
              "model": "gpt-realtime",
              "voice": "alloy",
              "expires_at": {{Azure.ExpiresAt}},
              "client_secret": { "value": "{{Azure.Secret}}", "expires_at": {{Azure.ExpiresAt}} },
              "webrtc_url": "https://eastus2.realtimeapi-preview.ai.azure.com/v1/realtimertc?model={{Gateway.Deployment}}"
            }
            """);
    }

    [Fact]
    public async Task Azure_gets_the_old_path_the_api_version_and_a_flat_session()
    {
        _azure.MintsPreview();

        using var response = await _gateway.MintAsync("""{"voice":"alloy"}""", "/sessions?api-version=1999-01-01-preview&x=y");

        Assert.Equal(Azure.PreviewPath, _azure.Received.Path);
        Assert.Equal("?api-version=2025-04-01-preview", _azure.Received.RawQuery);
        Assert.Equal(["Content-Length", "Content-Type", "Host", "api-key"], _azure.Received.Headers!.Keys.Order(StringComparer.Ordinal));
        var profile = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "appsettings.json"), TestContext.Current.CancellationToken))!
            ["Realtime"]!["Profiles"]!["assistant"]!;
        Assert.Equal(
            Answers.Normal($$"""
                {
                  "model": "{{Gateway.Deployment}}",
                  "voice": "alloy",
                  "instructions": {{profile["Instructions"]!.ToJsonString()}},
                  "modalities": [ "audio", "text" ],
                  "tools": [
                    { "type": "function", "name": "getPageHTML", "description": "Returns the HTML of the page that the user is looking at.", "parameters": { "properties": { }, "type": "object" } },
                    { "type": "function", "name": "changeBackgroundColor", "description": "Changes the background colour of the page.",
                      "parameters": { "properties": { "color": { "description": "A CSS colour: a name such as blue, or a value such as #336699.", "type": "string" } }, "required": [ "color" ], "type": "object" } },
                    { "type": "function", "name": "changeTextColor", "description": "Changes the text colour of the page.",
                      "parameters": { "properties": { "color": { "description": "A CSS colour: a name such as white, or a value such as #f5f5f5.", "type": "string" } }, "required": [ "color" ], "type": "object" } }
                  ],
                  "max_response_output_tokens": 4096
                }
                """),
            Answers.Normal(_azure.Received.Body!));
        Assert.Equal(
            ["cache-control", "content-length", "content-security-policy", "content-type", "date", "referrer-policy", "x-content-type-options", "x-frame-options", "x-request-id"],
            response.HeaderNames());
    }

    [Fact]
    public void The_deprecation_is_said_once_at_the_start() =>
        Assert.Single(_gateway.Logs.GetSnapshot(), record => record.Message.Contains("deprecated", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        _gateway.Announce("deprecated");
        _azure.AssertNothingUnexpected();
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }
}
