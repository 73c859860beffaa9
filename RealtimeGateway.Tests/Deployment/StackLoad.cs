using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

/// <summary>Many callers, each of an address of its own, that mint once through the balancer.</summary>
internal sealed class StackLoad : IAsyncDisposable
{
    private const int Clients = 3;

    private static int _callers;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(string Outcome, string Replica)> _answers = new();
    private readonly HttpClient _http;
    private readonly Task _clients;

    public StackLoad(Uri balancer)
    {
        _http = CallersAt(balancer, () => $"127.1.{Interlocked.Increment(ref _callers) / 250}.{(_callers % 250) + 1}");
        _clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(MintAsync)));
    }

    /// <summary>Every answer but a 200, in words.</summary>
    public IReadOnlyList<string> Failures => [.. _answers.Select(answer => answer.Outcome).Where(outcome => outcome is not "OK")];

    /// <summary>Callers whose every request comes on a connection of its own, from an address of loopback.</summary>
    public static HttpClient CallersAt(Uri server, Func<string> address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(address()), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = server,
        DefaultRequestHeaders = { ConnectionClose = true },
    };

    /// <summary>Which process answered: every one begins its ids of requests with a number of its own.</summary>
    public static string ReplicaOf(HttpResponseMessage response) => response.Headers.TryGetValues("x-request-id", out var ids) ? ids.First()[..20] : "";

    /// <summary>Until so many more mints are done.</summary>
    public Task GoOnAsync(int mints)
    {
        var goal = _answers.Count + mints;
        return Eventually.ShouldAsync(() => _answers.Count >= goal);
    }

    /// <summary>Until both replicas have answered from now on.</summary>
    public Task WhenSharedAsync()
    {
        var before = _answers.Count;
        return Eventually.ShouldAsync(() => _answers.Skip(before).Select(answer => answer.Replica).Distinct().Count() > 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _clients;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task MintAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_stop.IsCancellationRequested)
        {
            _answers.Enqueue(await MintOnceAsync());
            await pace.WaitForNextTickAsync();
        }
    }

    private async Task<(string Outcome, string Replica)> MintOnceAsync()
    {
        try
        {
            using var response = await _http.PostAsync("/sessions", Gateway.Json("{}"));
            var body = await response.Content.ReadAsStringAsync();
            return (response.StatusCode is HttpStatusCode.OK ? "OK" : $"{(int)response.StatusCode} {body}", ReplicaOf(response));
        }
        catch (HttpRequestException e)
        {
            return (e.Message, "");
        }
    }
}
