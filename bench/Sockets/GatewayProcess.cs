using System.Diagnostics;
using System.Globalization;

namespace RealtimeGateway.Bench.Sockets;

/// <summary>The gateway of this build, as a process whose memory is nobody else's.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private readonly Process _process;

    private GatewayProcess(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    public static async Task<GatewayProcess> StartAsync(string endpoint, string? authority)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealtimeGateway.dll")])
        {
            WorkingDirectory = Root(AppContext.BaseDirectory),
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["AZURE_OPENAI_ENDPOINT"] = endpoint,
            ["AZURE_OPENAI_API_KEY"] = "bench",
            ["AZURE_OPENAI_DEPLOYMENT"] = "bench",
            ["AZURE_OPENAI_API_VERSION"] = "v1",
            ["Callers__AllowAnonymous"] = "true",
            ["ReverseProxy__Clusters__azureopenai__Metadata__CertificateAuthority"] = authority,
        };
        foreach (var limit in new[] { "sessions", "sessionsperday", "sessionsatonce", "sessionsintotal" })
            settings[$"Limits__{limit}__Permits"] = "100000";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split("Now listening on: ") is [_, var address, ..])
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new(process, address.Split('"')[0].Trim());
            }

            await Console.Error.WriteLineAsync(line);
        }

        throw new InvalidOperationException("The gateway did not start.");
    }

    /// <summary>Resident memory in KiB.</summary>
    public long Resident() => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "realtime-gateway.sln")) ? folder : Root(Path.GetDirectoryName(folder)!);
}
