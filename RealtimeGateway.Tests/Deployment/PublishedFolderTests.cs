using System.Diagnostics;
using System.Net;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

/// <summary>
/// What the container does, without a container engine: publish, then run the published folder as a user who owns nothing, from a working
/// directory in which nothing can be written.
/// </summary>
public sealed partial class PublishedFolderTests : IDisposable
{
    private static readonly string Runtime = $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    private readonly string _folder = Directory.CreateTempSubdirectory("realtime-gateway-publish-").FullName;

    [Fact]
    public async Task The_published_folder_runs_read_only_as_another_user()
    {
        await PublishAsync();
        Assert.True(IsCompiledAheadOfTime("RealtimeGateway.dll") && IsCompiledAheadOfTime("Yarp.ReverseProxy.dll"));
        Assert.All(["appsettings.json", "appsettings.schema.json", "wwwroot/index.html", "RealtimeGateway.dll"], file => Assert.True(File.Exists(Path.Combine(_folder, file)), file));
        MakeReadOnly();
        using var azure = new Azure();
        azure.Mints();
        var (key, hash) = await NewKeyAsync(azure.Url);
        using var gateway = Process.Start(RunAsNobody(azure.Url, [], ("Callers__Keys__web__Hash", hash)))!;
        try
        {
            var address = await ReadAddressAsync(gateway);
            using var http = new HttpClient { BaseAddress = new Uri(address) };

            using var page = await http.GetAsync("/", TestContext.Current.CancellationToken);
            using var stranger = await http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
            http.DefaultRequestHeaders.Add("x-api-key", key);
            using var mint = await http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (page.StatusCode, stranger.StatusCode, mint.StatusCode));
            Assert.Contains("<title>RealtimeGateway</title>", await page.VisibleAsync(), StringComparison.Ordinal);
            Assert.Equal(0, await AskForHealthAsync(address));
        }
        finally
        {
            gateway.Kill(entireProcessTree: true);
            await gateway.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await RunOnTheSimulatorAsync();
    }

    /// <summary>As docker-compose.yml runs it without a resource; its ports are this machine's.</summary>
    private async Task RunOnTheSimulatorAsync()
    {
        var (url, address) = (FreeAddress.Next(), FreeAddress.Next());
        var shipped = new DotEnvSource(Path.Combine(Repository.Root, "deploy", "compose", "simulator.env")).InitialData!
            .Select(pair => (pair.Key.Replace(":", "__", StringComparison.Ordinal), pair.Value!.Replace("8001", $"{new Uri(url).Port}", StringComparison.Ordinal)));
        using var gateway = Process.Start(RunAsNobody("", [], [.. shipped, ("AZURE_OPENAI_API_KEY", ""), ("Simulator__Url", url), ("ASPNETCORE_URLS", address.Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal))]))!;
        try
        {
            while (new Uri(await ReadAddressAsync(gateway)).Port != new Uri(address).Port)
                continue; // the simulator says where it listens, too
            using var http = new HttpClient { BaseAddress = new Uri(address) };
            using var mint = await http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
            using var peer = await http.GetAsync(new Uri(url.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal) + "/peer/"), TestContext.Current.CancellationToken);

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (mint.StatusCode, peer.StatusCode));
            Assert.Contains($"\"webrtc_url\":\"{url}/openai/v1/realtime/calls\"", await mint.VisibleAsync(), StringComparison.Ordinal);
        }
        finally
        {
            gateway.Kill(entireProcessTree: true);
            await gateway.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<int> AskForHealthAsync(string address)
    {
        using var command = Process.Start(RunAsNobody("", ["health", address]))!;
        await command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);
        return command.ExitCode;
    }

    private bool IsCompiledAheadOfTime(string file)
    {
        using var program = new PEReader(File.OpenRead(Path.Combine(_folder, file)));
        return program.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var folder in Directory.GetDirectories(_folder, "*", SearchOption.AllDirectories).Prepend(_folder))
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task PublishAsync()
    {
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", "RealtimeGateway", "--configuration", "Release", "--runtime", Runtime, "--self-contained", "false", "--output", _folder])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = await publish.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await publish.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(publish.ExitCode == 0, output);
    }

    private void MakeReadOnly()
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Enterable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(file, Readable);
        foreach (var folder in Directory.GetDirectories(_folder, "*", SearchOption.AllDirectories).Prepend(_folder))
            File.SetUnixFileMode(folder, Enterable);
    }

    // Root can become nobody; anybody else already owns nothing but the folder, which is read-only by now.
    private ProcessStartInfo RunAsNobody(string upstream, string[] arguments, params (string Name, string Value)[] settings)
    {
        string[] run = ["dotnet", Path.Combine(_folder, "RealtimeGateway.dll"), .. arguments];
        string[] command = Environment.UserName == "root" ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. run] : run;
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Path.GetPathRoot(_folder), RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["AZURE_OPENAI_ENDPOINT"] = upstream,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["DOTNET_EnableDiagnostics"] = "0",
            ["HOME"] = "/nonexistent",
        })
            start.Environment[name] = value;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Has the published program make a key, as an operator does with the container.</summary>
    private async Task<CallersKey> NewKeyAsync(string upstream)
    {
        using var command = Process.Start(RunAsNobody(upstream, ["new-key"]))!;
        var printed = await command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, command.ExitCode);
        return CallersKey.In(printed);
    }

    private static async Task<string> ReadAddressAsync(Process gateway)
    {
        while (await gateway.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (Listening().Match(line) is { Success: true } match)
                return match.Groups["address"].Value;
        }

        throw new InvalidOperationException("The gateway ended before it listened.");
    }

    [GeneratedRegex(@"Now listening on: (?<address>[a-z0-9:./\[\]]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
