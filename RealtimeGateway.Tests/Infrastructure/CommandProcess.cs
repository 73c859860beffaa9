using System.Diagnostics;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>The built program, run to its end as an operator or a pipeline runs a command of it.</summary>
internal static class CommandProcess
{
    /// <summary>Runs it in <paramref name="folder"/>, in Production unless the variables say otherwise, without what this machine's environment says about the gateway.</summary>
    public static Task<CommandResult> RunAsync(string folder, string[] arguments, params (string Name, string Value)[] variables) =>
        RunAsync(folder, arguments, _ => Task.CompletedTask, variables);

    /// <summary>The same; meanwhile something happens to the process. A line of its errors that is read there is not in the result.</summary>
    public static async Task<CommandResult> RunAsync(string folder, string[] arguments, Func<Process, Task> meanwhile, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealtimeGateway.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AZURE_OPENAI_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await meanwhile(process);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}

internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
