using System.Text.Json.Nodes;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>Azure OpenAI as WireMock plays it: answers what a test tells it to, and remembers what reached it.</summary>
public sealed class Azure : IDisposable
{
    public const string GaPath = "/openai/v1/realtime/client_secrets";
    public const string PreviewPath = "/openai/realtimeapi/sessions";
    public const string Secret = "ek_minted_for_this_caller";
    public const long ExpiresAt = 1_900_000_000;

    private readonly WireMockServer _server = WireMockServer.Start();

    public string Url => _server.Url!;

    /// <summary>The one request that arrived.</summary>
    public IRequestMessage Received => Assert.Single(_server.LogEntries).RequestMessage!;

    public int Requests => _server.LogEntries.Count;

    /// <summary>Body of the one request that arrived.</summary>
    public JsonNode ReceivedJson => JsonNode.Parse(Received.Body!)!;

    /// <summary>Bodies of all requests that arrived.</summary>
    public IReadOnlyList<string> Bodies => [.. _server.LogEntries.Select(entry => entry.RequestMessage!.Body!)];

    /// <summary>The keys that came with the requests, in their order.</summary>
    public IReadOnlyList<string> Keys => [.. _server.LogEntries.Select(entry => entry.RequestMessage!.Headers!["api-key"].Single())];

    public void Reset() => _server.Reset();

    /// <summary>Mints as the GA surface does, echoing what must stay inside.</summary>
    public void Mints(int status = 200) => Answers(GaPath, status, GaAnswer().ToJsonString());

    /// <summary>Mints as the preview surface does.</summary>
    public void MintsPreview(int status = 200) => Answers(PreviewPath, status, PreviewAnswer().ToJsonString());

    public void Answers(string path, int status, string? body, params (string Name, string Value)[] headers)
    {
        var response = Response.Create().WithStatusCode(status).WithHeader("Content-Type", "application/json");
        foreach (var (name, value) in InfrastructureHeaders.Concat(headers))
            response = response.WithHeader(name, value);
        _server.Given(Request.Create().WithPath(path)).RespondWith(body is null ? response : response.WithBody(body));
    }

    public void AnswersBytes(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        var response = Response.Create().WithStatusCode(200).WithHeader("Content-Type", "application/json").WithBody(body);
        foreach (var (name, value) in headers)
            response = response.WithHeader(name, value);
        _server.Given(Request.Create().WithPath(path)).RespondWith(response);
    }

    public void AssertNothingUnexpected() =>
        Assert.DoesNotContain(_server.LogEntries, entry => entry.MappingGuid is null);

    public void Dispose() => _server.Dispose();

    public static JsonObject GaAnswer() => new()
    {
        ["value"] = Secret,
        ["expires_at"] = ExpiresAt,
        ["session"] = new JsonObject
        {
            ["type"] = "realtime",
            ["object"] = "realtime.session",
            ["id"] = "sess_of_azure",
            ["model"] = "leaked-deployment",
            ["instructions"] = "leaked instructions",
            ["tools"] = new JsonArray(new JsonObject { ["name"] = "leaked tool" }),
            ["prompt"] = null,
            ["expires_at"] = 0,
            ["audio"] = new JsonObject { ["output"] = new JsonObject { ["voice"] = "leaked-voice" } },
        },
    };

    public static JsonObject PreviewAnswer() => new()
    {
        ["id"] = "sess_of_azure",
        ["object"] = "realtime.session",
        ["model"] = "leaked-deployment",
        ["instructions"] = "leaked instructions",
        ["voice"] = "leaked-voice",
        ["client_secret"] = new JsonObject { ["value"] = Secret, ["expires_at"] = ExpiresAt },
    };

    private static readonly (string Name, string Value)[] InfrastructureHeaders =
    [
        ("apim-request-id", "leaked-apim-id"),
        ("x-request-id", "leaked-request-id"),
        ("x-ms-region", "leaked-region"),
        ("x-ms-deployment-name", "leaked-deployment"),
        ("x-ratelimit-remaining-requests", "41"),
        ("azureml-model-session", "leaked-session"),
        ("openai-processing-ms", "12"),
        ("Set-Cookie", "leaked=cookie"),
        ("Server", "leaked-server"),
    ];
}
