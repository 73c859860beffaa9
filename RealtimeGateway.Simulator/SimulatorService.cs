namespace RealtimeGateway.Simulator;

/// <summary>Runs the simulator for as long as its owning host runs, and says how to point a gateway at it.</summary>
public sealed partial class SimulatorService(SimulatorOptions options, ILoggerFactory loggerFactory) : IHostedService, IAsyncDisposable
{
    private readonly WebApplication _app = SimulatorApplication.Build(options, loggerFactory);
    private readonly ILogger _logger = loggerFactory.CreateLogger<SimulatorService>();

    /// <summary>The address it listens on, with the real port once started.</summary>
    public string Url => options.Listen is null && _app.Urls.FirstOrDefault() is { } url ? url : options.Url;

    /// <summary>Gives access to <c>Faults</c>, <c>ReceivedRequests</c> and <c>EphemeralSecrets</c>.</summary>
    public IServiceProvider Services => _app.Services;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _app.StartSimulatorAsync(cancellationToken);
        Log.Listening(_logger, Url, options.ApiKeys.FirstOrDefault() ?? "", options.Deployments.FirstOrDefault() ?? "");
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Simulated Azure OpenAI on {Url}: set " +
            "AZURE_OPENAI_ENDPOINT={Url} AZURE_OPENAI_API_KEY={Key} AZURE_OPENAI_DEPLOYMENT={Deployment}")]
        public static partial void Listening(ILogger logger, string url, string key, string deployment);
    }
}
