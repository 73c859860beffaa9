using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>
/// A resource that mints, answers offers and ends calls, each as a test scripts it, and remembers every request. Anything else that reaches it fails the
/// test.
/// </summary>
internal sealed class CallingAzure : IAsyncDisposable
{
    public const string MintPath = "/openai/v1/realtime/client_secrets";
    public const string CallsPath = "/openai/v1/realtime/calls";
    public const string CallId = "rtc_u1_of_azure";
    public const string Answer = "v=0\r\no=- 7 2 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 3478 UDP/TLS/RTP/SAVPF 111\r\n";

    private readonly ConcurrentQueue<Received> _received = new();
    private ScriptedUpstream _server = null!;
    private int _minted;

    public string Url => _server.Url;

    public RequestDelegate OnMint { get; set; }

    public RequestDelegate OnCall { get; set; } = context => AnswerAsync(context);

    public RequestDelegate OnHangUp { get; set; } = _ => Task.CompletedTask;

    private CallingAzure() => OnMint = MintAsync;

    public IReadOnlyList<Received> All => [.. _received];

    public IReadOnlyList<Received> Mints => [.. _received.Where(request => request.Path == MintPath)];

    public IReadOnlyList<Received> Offers => [.. _received.Where(request => request.Path == CallsPath)];

    /// <summary>Ids of the calls that were to be ended.</summary>
    public IReadOnlyList<string> HangUps => [.. _received.Where(IsHangUp).Select(request => request.Path.Split('/')[^2])];

    public static async Task<CallingAzure> StartAsync()
    {
        var azure = new CallingAzure();
        azure._server = await ScriptedUpstream.StartAsync(azure.TakeAsync);
        return azure;
    }

    /// <summary>Answers an offer as the service does.</summary>
    public static Task AnswerAsync(HttpContext context, string location = "/v1/realtime/calls/" + CallId, int status = 201, string body = Answer, string? type = "application/sdp")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        if (location.Length > 0)
            context.Response.Headers.Location = location;
        context.Response.Headers["apim-request-id"] = "leaked-apim-id";
        context.Response.Headers["x-ms-region"] = "leaked-region";
        context.Response.Headers.SetCookie = "leaked=cookie";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    public static RequestDelegate Status(int status, string body = """{"error":{"code":"a_code","message":"leaked message"}}""") => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    };

    public static RequestDelegate Reset => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    public Task MintAsync(HttpContext context) => context.Response.WriteAsync(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"value":"ek_minted_{{{Interlocked.Increment(ref _minted)}}}","expires_at":{{{Azure.ExpiresAt}}},"session":{"id":"sess_1","instructions":"leaked instructions"}}"""));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Assert.DoesNotContain(_received, request => request.Path is not (MintPath or CallsPath) && !IsHangUp(request));
        Assert.All(_received, request => Assert.Equal("POST", request.Method));
    }

    private static bool IsHangUp(Received request) => request.Path.StartsWith(CallsPath + "/", StringComparison.Ordinal) && request.Path.EndsWith("/hangup", StringComparison.Ordinal);

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new Received(
            context.Request.Method, context.Request.Path, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
        _received.Enqueue(request);
        var script = request.Path switch
        {
            MintPath => OnMint,
            CallsPath => OnCall,
            _ => OnHangUp,
        };
        await script(context);
    }

    /// <summary>One request that arrived.</summary>
    internal sealed record Received(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
    {
        public string[] HeaderNames => [.. Headers.Keys.Order(StringComparer.OrdinalIgnoreCase)];
    }
}
