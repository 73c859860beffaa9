using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Simulator;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Recording;

namespace RealtimeGateway.Tests.Simulator;

/// <summary>The simulator on a free port of a real Kestrel, with a clock that stands still. Nothing may be logged at Warning or above.</summary>
internal sealed class SimulatedAzure : IAsyncDisposable
{
    public const string Key = "simulator-key";
    public const string Token = "entra-token";
    public const string PreviewVersion = "2025-04-01-preview";
    public const string Mint = "/openai/v1/realtime/client_secrets";
    public const string PreviewMint = "/openai/realtimeapi/sessions?api-version=" + PreviewVersion;
    public const string Calls = "/openai/v1/realtime/calls";
    public const string GaBody = """{"session":{"type":"realtime","model":"gpt-realtime","instructions":"be brief"}}""";
    public const string PreviewBody = """{"model":"gpt-realtime","voice":"alloy","instructions":"be brief"}""";
    public const string Offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";

    private readonly FakeLogCollector _logs;
    private readonly LoggerFactory _loggers;
    private readonly WebApplication _app;

    private SimulatedAzure(SimulatorOptions options, TimeProvider? time)
    {
        if (options.Url == new SimulatorOptions().Url)
            options.Url = "http://127.0.0.1:0";
        if (options.BearerTokens.Count == 0)
            options.BearerTokens = [Token];
        _logs = FakeLogCollector.Create(new());
        _loggers = new([new FakeLoggerProvider(_logs)], new LoggerFilterOptions { MinLevel = LogLevel.Information, Rules = { new(providerName: null, "Microsoft", LogLevel.Warning, filter: null) } });
        _app = SimulatorApplication.Build(options, _loggers, time ?? Time);
    }

    public FakeTimeProvider Time { get; } = new(new(2030, 1, 1, 12, 0, 0, 250, TimeSpan.Zero));

    public HttpClient Http { get; private set; } = null!;

    public string Url => Http.BaseAddress!.AbsoluteUri;

    public Faults Faults => _app.Services.GetRequiredService<Faults>();

    public ReceivedRequests Received => _app.Services.GetRequiredService<ReceivedRequests>();

    /// <summary>The messages of the log so far.</summary>
    public IEnumerable<string> Log => _logs.GetSnapshot().Select(record => record.Message);

    public EphemeralSecrets Secrets => _app.Services.GetRequiredService<EphemeralSecrets>();

    public static async Task<SimulatedAzure> StartAsync(SimulatorOptions? options = null, TimeProvider? time = null)
    {
        var azure = new SimulatedAzure(options ?? new(), time);
        await azure._app.StartAsync();
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null };
        azure.Http = new(handler) { BaseAddress = new(azure._app.Urls.Single()) };
        return azure;
    }

    public Task<HttpResponseMessage> MintAsync(string body = GaBody) => SendAsync(Post(Mint, body, Key));

    public Task<HttpResponseMessage> MintPreviewAsync(string body = PreviewBody) => SendAsync(Post(PreviewMint, body, Key));

    public async Task<string> MintSecretAsync(string body = GaBody) => (await JsonOfAsync(await MintAsync(body)))["value"]!.GetValue<string>();

    public Task<HttpResponseMessage> CallAsync(string? secret, string offer = Offer, string contentType = "application/sdp", string path = Calls)
    {
        var request = Post(path, offer, key: null, contentType);
        if (secret is not null) request.Headers.Authorization = new("Bearer", secret);
        return SendAsync(request);
    }

    /// <summary>Opens a call and gives its id.</summary>
    public async Task<string> BeginCallAsync(string body = GaBody, string query = "")
    {
        using var response = await CallAsync(await MintSecretAsync(body), path: Calls + query);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return response.Headers.Location!.OriginalString.Split('/')[^1];
    }

    public Task<HttpResponseMessage> HangUpAsync(string id, string? key = Key) => SendAsync(Post($"{Calls}/{id}/hangup", "", key));

    /// <summary>The calls as the control API lists them.</summary>
    public async Task<IReadOnlyList<JsonObject>> CallsAsync() =>
        [.. (await JsonOfAsync(await ControlAsync(HttpMethod.Get, "/calls")))["calls"]!.AsArray().Select(call => call!.AsObject())];

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Http.SendAsync(request);

    public void Break(FaultEffect effect, FaultOperation operation = FaultOperation.Any, int? times = null) =>
        Faults.Inject(new() { Effect = effect, Operation = operation, Times = times });

    public Task<HttpResponseMessage> ControlAsync(HttpMethod method, string path, string? body = null) =>
        SendAsync(new(method, "/simulator" + path) { Content = body is null ? null : new StringContent(body) });

    public Task StopAsync() => _app.StopAsync();

    public static HttpRequestMessage Post(string path, string body, string? key, string contentType = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (key is not null) request.Headers.Add("api-key", key);
        return request;
    }

    public static async Task<JsonObject> JsonOfAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        // Stopped, not only disposed: a connection that was still busy would be reported as one that had to be cut.
        await _app.StopAsync();
        await _app.DisposeAsync();
        _loggers.Dispose();
        // But for what Kestrel says of a machine that left the process without a processor for a second.
        var loud = _logs.GetSnapshot().Where(record => record.Level >= LogLevel.Warning && !record.Message.Contains("the heartbeat has been running for ", StringComparison.Ordinal)).Select(record => $"{record} {record.Exception}").ToArray();
        Assert.True(loud.Length == 0, string.Join(Environment.NewLine, loud));
    }
}
