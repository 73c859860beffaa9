using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Drills;

/// <summary>Several clients that mint without a pause, and remember what they got and how long it took.</summary>
internal sealed class Load : IAsyncDisposable
{
    public const int Clients = 4;

    private readonly Gateway _gateway;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(HttpStatusCode Status, TimeSpan Took)> _answers = new();
    private readonly Task _clients;

    private Load(Gateway gateway)
    {
        _gateway = gateway;
        _clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(MintAsync)));
    }

    public int Mints => _answers.Count;

    /// <summary>Everything but 200.</summary>
    public IReadOnlyList<HttpStatusCode> Failures => [.. _answers.Select(answer => answer.Status).Where(status => status is not HttpStatusCode.OK)];

    public TimeSpan Slowest => _answers.Max(answer => answer.Took);

    public static async Task<Load> StartAsync(Gateway gateway)
    {
        var load = new Load(gateway);
        await load.GoOnAsync(20);
        return load;
    }

    /// <summary>Until so many more mints are done.</summary>
    public Task GoOnAsync(int mints)
    {
        var goal = Mints + mints;
        return Eventually.ShouldAsync(() => Mints >= goal);
    }

    /// <summary>Lets what has begun end.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task MintAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await _gateway.MintAsync();
            _answers.Enqueue((response.StatusCode, Stopwatch.GetElapsedTime(start)));
        }
    }
}
