namespace RealtimeGateway.Simulator;

public static class SimulatorApplication
{
    public static WebApplication Build(SimulatorOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? time = null) =>
        throw new NotSupportedException();
}
