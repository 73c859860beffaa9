using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A gateway in a process of its own, as an operator runs it.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    private GatewayProcess(Process process, string address, IReadOnlyList<string> log)
    {
        (_process, FirstLines) = (process, log);
        _reading = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null); // or its log would fill the pipe
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    /// <summary>What it had logged by the time it listened.</summary>
    public IReadOnlyList<string> FirstLines { get; }

    /// <summary>Starts <c>RealtimeGateway.dll</c> of this build in Production and waits until it listens.</summary>
    public static async Task<GatewayProcess> StartAsync(IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealtimeGateway.dll")])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        (start.Environment["ASPNETCORE_ENVIRONMENT"], start.Environment["ASPNETCORE_URLS"]) = ("Production", "http://127.0.0.1:0");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var (address, log) = await ReadAddressAsync(process);
        return new(process, address, log);
    }

    /// <summary>Tells it to stop, as an orchestrator does, and waits until it has ended.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private static async Task<(string Address, IReadOnlyList<string> Log)> ReadAddressAsync(Process process)
    {
        var log = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            log.Add(line);
            if (Listening().Match(line) is { Success: true } match)
                return (match.Groups["address"].Value, log);
        }

        throw new InvalidOperationException($"The gateway ended before it listened: {string.Join('\n', log)}");
    }

    [GeneratedRegex(@"Now listening on: (?<address>[a-z0-9:./\[\]]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
