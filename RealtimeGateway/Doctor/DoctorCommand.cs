using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using RealtimeGateway.Commands;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor;

/// <summary>
/// <c>doctor [DESTINATION…] [--json]</c>: asks every destination for what the gateway will ask of it, and says what works, what likely is the reason when
/// something does not, and what documentation leaves open. Exit code 0: all works; 1: something does not.
/// </summary>
internal static class DoctorCommand
{
    public static async Task<int> RunAsync(string[] args, CommandConsole console)
    {
        if (await OfflineArguments.ReadAsync(args, takesFiles: true, console.Error) is not { } arguments)
            return CommandLine.WrongUsage;
        try
        {
            // What the host reads; what would be files for another command are names of destinations here.
            await using var gateway = OfflineGateway.Build(arguments with { Files = [] }, console);
            var services = gateway.Services;
            if (!await services.GetRequiredService<ConfigurationLoader>().TryLoadAsync())
                return await ValidateCommand.RefuseAsync(services.GetRequiredService<LiveConfiguration>().Rejection!.Faults, arguments.AsJson, console);
            return await ExamineAsync(gateway, arguments, console);
        }
        catch (ConfigurationRejectedException e)
        {
            return await ValidateCommand.RefuseAsync(e.Faults, arguments.AsJson, console);
        }
    }

    private static async Task<int> ExamineAsync(WebApplication gateway, OfflineArguments arguments, CommandConsole console)
    {
        var snapshot = gateway.Services.GetRequiredService<LiveConfiguration>().Current;
        var all = Plan.For(snapshot);
        var (plan, unknown) = all.Only(arguments.Files);
        if (unknown.Count > 0 || plan.Destinations.Count == 0)
        {
            var known = string.Join(", ", all.Destinations.Select(one => one.Destination.Name).DefaultIfEmpty("none"));
            await console.Error.WriteLineAsync($"No realtime route leads to {(unknown.Count > 0 ? string.Join(", ", unknown) : "any destination")}; there is: {known}");
            return CommandLine.WrongUsage;
        }

        await (arguments.AsJson ? console.Error : console.Output).WriteLineAsync(plan.Costs.ToString());
        using var interruption = new Interruption(console.Error);
        try
        {
            await using var simulator = await StandIn.StartAsync(gateway, snapshot, interruption.Token);
            gateway.MapGatewayProxy(); // has YARP make the connections of every cluster
            return await Rounds.RunAsync(gateway.Services, plan, arguments.AsJson, console.Output, interruption.Token);
        }
        catch (Exception e) when (interruption.Token.IsCancellationRequested && Trouble.Of(e) is not null)
        {
            return CommandLine.Failure;
        }
        catch (SimulatorAwayException e)
        {
            await console.Error.WriteLineAsync($"{e.Message} A gateway in Development runs it as well.");
            return CommandLine.Failure;
        }
    }
}

/// <summary>Ctrl+C, or the end that a platform asks for: no further check begins, and what was begun is ended.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TextWriter _error;
    private readonly PosixSignalRegistration[] _signals;

    public Interruption(TextWriter error)
    {
        _error = error;
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, End))];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested; // who asks twice does not want to wait
        if (!context.Cancel)
            return;
        _source.Cancel();
        _error.WriteLine("Interrupted: what was begun is ended first. A second time ends at once, and may leave a call behind.");
    }
}
