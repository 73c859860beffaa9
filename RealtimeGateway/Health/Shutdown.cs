using Microsoft.AspNetCore.Connections.Features;

namespace RealtimeGateway.Health;

/// <summary>
/// How the process leaves: not ready at once; serving for a grace, in which connections end with their next answer; then the server takes no connection any
/// more, and what is under way is finished. Without a grace requests are refused at once.
/// </summary>
internal sealed partial class Shutdown : IHostedLifecycleService, IDisposable
{
    private readonly TimeSpan _grace;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _over;

    public Shutdown(IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Shutdown> logger)
    {
        (_grace, _lifetime, _logger) = (ShutdownOptions.GraceIn(configuration), lifetime, logger);
        _over = new(Timeout.InfiniteTimeSpan, time);
        (Begun, Over) = (lifetime.ApplicationStopping, _over.Token);
        Begun.Register(Begin);
    }

    /// <summary>Set from the order to stop on.</summary>
    public CancellationToken Begun { get; }

    /// <summary>Set once the grace is over, when long conversations have to end.</summary>
    public CancellationToken Over { get; }

    /// <summary>Whether a request is refused. Not after a grace: one that comes then came before the door was closed, and whoever sent it will not look again.</summary>
    public bool Refuses => _grace == TimeSpan.Zero && Begun.IsCancellationRequested;

    /// <summary>Nothing is stopped before the grace is over.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _lifetime.StopApplication(); // a host that is stopped without a signal says it only after this
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Over, cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _over.Dispose();

    private void Begin()
    {
        if (_grace == TimeSpan.Zero)
        {
            _over.Cancel();
            return;
        }

        Log.Begun(_logger, _grace);
        _over.CancelAfter(_grace);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Told to stop: not ready from now on, and serving for {Grace} more (Shutdown:Grace)")]
        public static partial void Begun(ILogger logger, TimeSpan grace);
    }
}

/// <summary>Registers it, and has connections end that a stopping gateway is asked on.</summary>
internal static class ShutdownExtensions
{
    public static void AddShutdown(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Shutdown>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Shutdown>());
        // What is under way when the grace is over has as much time as without one.
        builder.Services.AddOptions<HostOptions>().Configure<IConfiguration>((host, configuration) => host.ShutdownTimeout += ShutdownOptions.GraceIn(configuration));
    }

    /// <summary>A connection that a load balancer keeps would end under a request of its; told with an answer, it begins the next one elsewhere.</summary>
    public static IApplicationBuilder UseShutdown(this IApplicationBuilder app)
    {
        var shutdown = app.ApplicationServices.GetRequiredService<Shutdown>();
        return app.Use((context, next) =>
        {
            if (shutdown.Begun.IsCancellationRequested)
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            return next(context);
        });
    }
}
