using RealtimeGateway.Configuration;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Doctor;

/// <summary>The simulator, where the gateway would run on it. It answers offers by itself, for there is no browser.</summary>
internal static class StandIn
{
    public static async Task<WebApplication?> StartAsync(WebApplication gateway, Snapshot snapshot, CancellationToken cancellation)
    {
        if (!snapshot.UsesSimulator)
            return null;
        var options = SimulatorOptions.From(gateway.Configuration.GetSection(SimulatorOptions.SectionName));
        options.CannedAnswers = true;
        var simulator = SimulatorApplication.Build(options, gateway.Services.GetRequiredService<ILoggerFactory>());
        try
        {
            await simulator.StartSimulatorAsync(cancellation);
            return simulator;
        }
        catch (InvalidOperationException e)
        {
            await simulator.DisposeAsync();
            throw new SimulatorAwayException(e.Message);
        }
    }
}

/// <summary>The simulator cannot listen; the message names the setting that moves it.</summary>
internal sealed class SimulatorAwayException(string message) : Exception(message);
