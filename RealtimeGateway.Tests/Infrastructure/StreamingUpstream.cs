using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>An upstream that sends server-sent events one by one, each when the test says so.</summary>
internal sealed class StreamingUpstream : IAsyncDisposable
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private ScriptedUpstream _upstream = null!;

    public string Url => _upstream.Url;

    /// <summary>Headers of the request that arrived.</summary>
    public IReadOnlyDictionary<string, string> Received { get; private set; } = new Dictionary<string, string>();

    public string ReceivedBody { get; private set; } = "";

    public static async Task<StreamingUpstream> StartAsync()
    {
        var streaming = new StreamingUpstream();
        streaming._upstream = await ScriptedUpstream.StartAsync(streaming.StreamAsync);
        return streaming;
    }

    public void Send(string text) => _events.Writer.TryWrite(text);

    public void Finish() => _events.Writer.Complete();

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

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
