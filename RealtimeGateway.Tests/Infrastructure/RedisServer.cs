using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>
/// A real redis-server on a free port of loopback, which can be taken away and brought back. Every write is on disk before it is answered, so
/// that it knows its counts when it comes back.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    public const string Password = "the-redis-password";

    private readonly string _folder = Directory.CreateTempSubdirectory("realtime-gateway-redis-").FullName;
    private readonly int _port = FreePort();
    private Process? _process;

    public string Connection => $"127.0.0.1:{_port},password={Password}";

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.ReturnAsync();
        return server;
    }

    /// <summary>Starts it (again) and waits until it answers.</summary>
    public async Task ReturnAsync()
    {
        string[] options =
        [
            "--port", $"{_port}", "--bind", "127.0.0.1", "--requirepass", Password, "--dir", _folder,
            "--save", "", "--appendonly", "yes", "--appendfsync", "always",
        ];
        _process = Process.Start(new ProcessStartInfo("redis-server", options) { RedirectStandardOutput = true, UseShellExecute = false })!;
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                return;
        }

        throw new InvalidOperationException("redis-server ended before it was ready.");
    }

    /// <summary>Ends it without warning.</summary>
    public async Task VanishAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Lets it accept and never answer, or go on.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync($"{Connection},allowAdmin=true");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await VanishAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
