using System.Collections.Concurrent;
using System.Text;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>What takes metrics and traces over the network. Names and values stand in the bytes as they are.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();
    private ScriptedUpstream _server = null!;

    public string Url => _server.Url;

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        collector._server = await ScriptedUpstream.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            collector._received.Enqueue((context.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray())));
        });
        return collector;
    }

    /// <summary>Waits until traces and metrics have come.</summary>
    public Task WhenTracedAsync() => Eventually.ShouldAsync(() => _received.Any(sent => sent.Path == "/v1/traces")
        && _received.Any(sent => sent.Path == "/v1/metrics" && sent.Body.Contains("realtime_gateway.sessions", StringComparison.Ordinal)));

    public IReadOnlyList<string> TakeReceived() => [.. _received.Select(sent => sent.Body)];

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
