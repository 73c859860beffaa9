namespace RealtimeGateway.Simulator;

/// <summary>Runs the simulator alone: <c>dotnet run --project RealtimeGateway.Simulator</c>.</summary>
internal static class SimulatorProgram
{
    private static Task Main(string[] args) => WebApplication.CreateBuilder(args).Build().RunAsync();
}
