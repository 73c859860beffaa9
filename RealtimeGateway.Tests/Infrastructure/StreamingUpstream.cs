using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>An upstream that sends server-sent events one by one, each when the test says so.</summary>
internal sealed class StreamingUpstream : IAsyncDisposable
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly WebApplication _app;

    private StreamingUpstream(WebApplication app)
    {
        _app = app;
        app.Run(StreamAsync);
    }

    public string Url => _app.Urls.First();

    /// <summary>Headers of the request that arrived.</summary>
    public IReadOnlyDictionary<string, string> Received { get; private set; } = new Dictionary<string, string>();

    public string ReceivedBody { get; private set; } = "";

    public static async Task<StreamingUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var upstream = new StreamingUpstream(builder.Build());
        await upstream._app.StartAsync();
        return upstream;
    }

    public void Send(string text) => _events.Writer.TryWrite(text);

    public void Finish() => _events.Writer.Complete();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task StreamAsync(HttpContext context)
    {
        Received = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
        using (var reader = new StreamReader(context.Request.Body))
            ReceivedBody = await reader.ReadToEndAsync(context.RequestAborted);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["x-ms-region"] = "leaked-region";
        await foreach (var text in _events.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync($"data: {text}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
