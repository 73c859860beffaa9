using System.Text.Json;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Commands;

/// <summary>
/// <c>validate [FILE…] [--json]</c>: judges the configuration exactly as a reload does, and exits with 0 when it is good and with 1 when it is not.
/// </summary>
internal static class ValidateCommand
{
    public static async Task<int> RunAsync(string[] args, CommandConsole console)
    {
        if (await OfflineArguments.ReadAsync(args, takesFiles: true, console.Error) is not { } arguments)
            return CommandLine.WrongUsage;
        var faults = await CheckAsync(arguments, console);
        if (faults.Count > 0)
            return await RefuseAsync(faults, arguments.AsJson, console);
        await console.Output.WriteLineAsync(arguments.AsJson ? Serialize(isValid: true, []) : "The configuration is good.");
        return CommandLine.Success;
    }

    /// <summary>What every command says that needs a good configuration and has none.</summary>
    public static async Task<int> RefuseAsync(IReadOnlyList<ConfigurationFault> faults, bool asJson, CommandConsole console)
    {
        await console.Output.WriteLineAsync(asJson ? Serialize(isValid: false, faults) : new ConfigurationRejectedException(faults).Message);
        return CommandLine.Failure;
    }

    private static string Serialize(bool isValid, IReadOnlyList<ConfigurationFault> faults) => JsonSerializer.Serialize(
        new(isValid, [.. faults.Select(fault => new FaultAnswer(fault.Source, fault.Key, fault.Value, fault.Rule))]), CommandJson.Plain.ValidateAnswer);

    private static async Task<IReadOnlyList<ConfigurationFault>> CheckAsync(OfflineArguments arguments, CommandConsole console)
    {
        try
        {
            await using var gateway = OfflineGateway.Build(arguments, console);
            return await gateway.Services.GetRequiredService<ConfigurationLoader>().CheckAsync();
        }
        catch (ConfigurationRejectedException e)
        {
            return e.Faults;
        }
    }
}

internal sealed record ValidateAnswer(bool Valid, IReadOnlyList<FaultAnswer> Faults);

/// <param name="Source">The file, variable or other place; <c>null</c> when nothing stands anywhere.</param>
/// <param name="Key"><c>null</c> when the whole file is meant.</param>
/// <param name="Value">As it was written; <c>null</c> when it must not be shown or there is none.</param>
/// <param name="Rule">What is wrong.</param>
internal sealed record FaultAnswer(string? Source, string? Key, string? Value, string Rule);
