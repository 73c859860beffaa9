namespace RealtimeGateway.Simulator;

/// <summary>
/// Runs the simulator alone: <c>dotnet run --project RealtimeGateway.Simulator</c>. Section <c>Simulator</c> of the ordinary
/// configuration applies, for example <c>Simulator__Url</c> or <c>--Simulator:Url=http://localhost:9001</c>.
/// </summary>
internal static class SimulatorProgram
{
    private static Task Main(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        // The service's own line tells all there is to tell.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(SimulatorOptions.From(builder.Configuration.GetSection(SimulatorOptions.SectionName)));
        builder.Services.AddHostedService<SimulatorService>();
        return builder.Build().RunAsync();
    }
}
