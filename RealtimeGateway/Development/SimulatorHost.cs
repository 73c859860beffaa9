using RealtimeGateway.Configuration;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Development;

/// <summary>Runs the simulator in this process while it is the upstream: in Development, when no other is configured.</summary>
internal sealed partial class SimulatorHost(
    LiveConfiguration live, IConfiguration configuration, ILoggerFactory loggers, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<SimulatorHost>();
    private WebApplication? _simulator;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!live.Current.UsesSimulator)
            return;

        var options = SimulatorOptions.From(configuration.GetSection(SimulatorOptions.SectionName));
        _simulator = SimulatorApplication.Build(options, loggers, time);
        await _simulator.StartSimulatorAsync(cancellationToken);
        Log.Running(_logger, options.Url, UpstreamVariables.Endpoint, UpstreamVariables.ApiKey, UpstreamVariables.Deployment);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_simulator is not null)
            await _simulator.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_simulator is not null)
            await _simulator.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "No upstream is configured: the simulator stands in at {Url}. For a real resource set {Endpoint}, {ApiKey} and {Deployment} (environment, .env or user secrets) and start again")]
        public static partial void Running(ILogger logger, string url, string endpoint, string apiKey, string deployment);
    }
}

/// <summary>Registers what only Development has.</summary>
internal static class DevelopmentExtensions
{
    public static void AddSimulator(this IHostApplicationBuilder builder) => builder.Services.AddHostedService<SimulatorHost>();
}
