namespace RealtimeGateway.Configuration;

/// <summary>
/// Notices that a configuration file has another content and has settled, and has it loaded. It reads the files themselves, so that an
/// editor's rename, a symbolic link that was turned and a volume without file events look all the same.
/// </summary>
internal sealed class ConfigurationWatcher(ConfigurationSources sources, ConfigurationLoader loader, TimeProvider time) : BackgroundService
{
    /// <summary>Two looks that agree make a change: it is in force about half a second after it was saved.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Three seconds: a volume that is written anew may lack a secret for a moment, and nobody has changed their mind.</summary>
    private const int LooksUntilGone = 12;

    private byte[][] _before = [];
    private int _agreeing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await LookAsync();
    }

    /// <summary>Looks once, and loads what has changed and settled.</summary>
    internal async Task LookAsync()
    {
        var now = sources.Contents();
        _agreeing = AreSame(now, _before) ? _agreeing + 1 : 0;
        _before = now;
        if (_agreeing >= (sources.LackSecrets ? LooksUntilGone : 1) && !AreSame(now, sources.LastRead))
            await loader.TryLoadAsync();
    }

    private static bool AreSame(byte[][] left, byte[][] right) =>
        left.Length == right.Length && left.Zip(right).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
