using System.Diagnostics;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>The stack of <c>docker-compose.yml</c>, run by <c>deploy/try-stack.sh</c>, which also ends it.</summary>
public sealed class StackTrial : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, Uri> _addresses = new(StringComparer.Ordinal);
    private readonly Process _script;
    private readonly Task<string> _errors;

    public StackTrial()
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "try-stack.sh"), [AppContext.BaseDirectory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["Limits__sessionsintotal__Permits"] = "100000"; // the others are as shipped
        start.Environment["Redis__Timeout"] = "00:00:05"; // a machine that starts all this may be slow
        _script = Process.Start(start)!;
        _errors = _script.StandardError.ReadToEndAsync();
    }

    public Uri Balancer => _addresses["balancer"];

    public Uri Gateway => _addresses["gateway"];

    public Uri Gateway2 => _addresses["gateway2"];

    public Uri Prometheus => _addresses["prometheus"];

    public Uri Simulator => _addresses["simulator"];

    public async ValueTask InitializeAsync()
    {
        while (await ReadAsync() is var line && !line.StartsWith("stop NAME", StringComparison.Ordinal))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var address] && Uri.TryCreate(address, UriKind.Absolute, out var url))
                _addresses[name] = url;
        }
    }

    /// <summary>Has it done, and gives what the script says then.</summary>
    public async Task<string> OrderAsync(string command)
    {
        await _script.StandardInput.WriteLineAsync(command);
        await _script.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _script.StandardInput.Close();
            await _script.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!_script.HasExited)
                _script.Kill(entireProcessTree: true);
            _script.Dispose();
        }
    }

    private async Task<string> ReadAsync() => await _script.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience)
        ?? throw new InvalidOperationException($"The stack has ended: {await _errors}");
}
