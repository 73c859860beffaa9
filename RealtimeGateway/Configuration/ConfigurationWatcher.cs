namespace RealtimeGateway.Configuration;

/// <summary>
/// Notices that a configuration file has another content and has settled, and has it loaded. It reads the files themselves, so that an
/// editor's rename, a symbolic link that was turned and a volume without file events look all the same.
/// </summary>
internal sealed class ConfigurationWatcher(ConfigurationSources sources, ConfigurationLoader loader, TimeProvider time) : BackgroundService
{
    /// <summary>Two looks that agree make a change: it is in force about half a second after it was saved.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loaded = ReadFiles();
        var seen = loaded;
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = ReadFiles();
            var settled = AreSame(now, seen);
            seen = now;
            if (!settled || AreSame(now, loaded))
                continue;
            loaded = now;
            await loader.TryLoadAsync();
        }
    }

    private byte[][] ReadFiles() => [.. sources.Files.Select(Read)];

    private static byte[] Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllBytes(file) : [];
        }
        // In the middle of being replaced: another look follows, and loading it explains what is wrong if it stays so.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool AreSame(byte[][] left, byte[][] right) => left.Zip(right).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
