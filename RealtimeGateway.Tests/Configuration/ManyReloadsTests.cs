using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Configuration;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Configuration;

/// <summary>Memory is the whole process's, so these run while nothing else does.</summary>
[Collection(nameof(Telemetry.Alone))]
public sealed class ManyReloadsTests : IAsyncDisposable
{
    private const int Kept = 8;

    private readonly Azure _azure = new();
    private readonly Gateway _gateway;

    public ManyReloadsTests()
    {
        _azure.Mints();
        // The test itself loads, as fast as it can; two at a time are more than there ever are.
        _gateway = Gateway.StartWith(_azure.Url, services: services =>
            services.Remove(services.Single(service => service.ImplementationType == typeof(ConfigurationWatcher))));
    }

    [Fact]
    public async Task Two_hundred_reloads_leave_a_few_snapshots_and_nothing_else_behind()
    {
        var first = await ReloadAsync(50);
        var (memory, handles) = (Memory(), Handles());

        var snapshots = await ReloadAsync(200);

        Assert.InRange(Alive(first.Concat(snapshots)), 1, Kept);
        Assert.InRange(Handles(), 0, handles + 20);
        Assert.InRange(Memory() - memory, long.MinValue, 2 * 1024 * 1024);
        using var response = await _gateway.MintAsync();
        Assert.Contains("\"voice\":\"echo\"", await response.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hundred_refused_ones_leave_nothing_at_all()
    {
        _gateway.Announce("refused");
        var loader = _gateway.Services.GetRequiredService<ConfigurationLoader>();
        _gateway.ChangeSettings(settings => settings.Set("Limits:sessions:Window", "\"00:00:00\""));
        await RefuseAsync(loader, 50);
        var memory = Memory();

        await RefuseAsync(loader, 200);

        Assert.InRange(Memory() - memory, long.MinValue, 2 * 1024 * 1024);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _azure.Dispose();
    }

    /// <summary>Reloads without waiting for the watcher, every time something of each kind, and with a request now and then.</summary>
    private async Task<WeakReference[]> ReloadAsync(int times)
    {
        var loader = _gateway.Services.GetRequiredService<ConfigurationLoader>();
        var seen = new WeakReference[times];
        for (var i = 0; i < times; i++)
        {
            var odd = i % 2 == 1;
            _gateway.ChangeSettings(settings =>
            {
                settings.Set("Realtime:Profiles:assistant:Voice", odd ? "\"echo\"" : "\"sage\"");
                settings.Set("Limits:sessionsperday:Window", odd ? "\"1.00:00:00\"" : "\"12:00:00\"");
                settings.Set("Cors", $$"""{ "app": { "Origins": [ "https://{{(odd ? "one" : "two")}}.example" ] } }""");
                settings.Set("ReverseProxy:Clusters:azureopenai:HttpClient", $$"""{ "MaxConnectionsPerServer": {{(odd ? 100 : 200)}} }""");
            });
            Assert.True(await loader.TryLoadAsync());
            seen[i] = Current();
            if (i % 20 == 0)
                (await _gateway.MintAsync()).Dispose();
        }

        return seen;
    }

    private static async Task RefuseAsync(ConfigurationLoader loader, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.False(await loader.TryLoadAsync());
    }

    // Nothing on this stack may hold what is to be collected.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Current() => new(_gateway.Snapshot());

    private static int Alive(IEnumerable<WeakReference> snapshots)
    {
        Memory();
        return snapshots.Count(snapshot => snapshot.IsAlive);
    }

    private static long Memory()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // Sockets, files and watchers alike; elsewhere than on Linux nobody counts them.
    private static int Handles() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;
}
