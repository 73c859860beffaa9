using System.Diagnostics;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

/// <summary><c>deploy/smoke.sh</c>, run as an operator runs it.</summary>
internal static class SmokeCheck
{
    public static async Task<CommandResult> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "smoke.sh"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var script = Process.Start(start)!;
        var (output, error) = (script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), script.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(script.ExitCode, await output, await error);
    }
}
