using System.Text.Json;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Commands;

/// <summary>
/// <c>print-config [--json]</c>: one line <c>key = value  (source)</c> for each setting, defaults included and secrets not. It judges nothing; only
/// files that cannot be read make it fail, with exit code 1.
/// </summary>
internal static class PrintConfigCommand
{
    public static async Task<int> RunAsync(string[] args, CommandConsole console)
    {
        if (await OfflineArguments.ReadAsync(args, takesFiles: false, console.Error) is not { } arguments)
            return CommandLine.WrongUsage;
        try
        {
            await using var gateway = OfflineGateway.Build(arguments, console);
            var layers = gateway.Services.GetRequiredService<ConfigurationSources>().Read();
            UpstreamVariables.Apply(layers, gateway.Environment.IsDevelopment(), new());
            await PrintAsync([.. EffectiveSetting.AllIn(layers)], arguments.AsJson, console.Output);
            return CommandLine.Success;
        }
        catch (ConfigurationRejectedException e)
        {
            await console.Error.WriteLineAsync(e.Message);
            return CommandLine.Failure;
        }
    }

    private static async Task PrintAsync(IReadOnlyList<EffectiveSetting> settings, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(settings, CommandJson.Plain.IReadOnlyListEffectiveSetting));
            return;
        }

        foreach (var setting in settings)
            await output.WriteLineAsync($"{setting.Key} = {setting.Value}  ({setting.Source})");
    }
}
