using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>What an operator sees: commands, the console of a real process, and how it ends.</summary>
[Collection(nameof(SharedSurroundings))]
public sealed class OperatorTests(SharedSurroundings surroundings)
{
    [Theory]
    [InlineData("print-config")]
    [InlineData("validate")]
    [InlineData(ProofCommand.Doctor)]
    public async Task A_command_shows_no_secret_wherever_it_was_put(string command)
    {
        var findings = await ProofCommand.RunAsync(command, surroundings.Value);

        findings.AssertNoLeak();
        Assert.NotEmpty(findings.Seen);
    }

    [Fact]
    public async Task The_doctor_shows_nothing_of_the_service_whatever_it_does_to_a_sideband_and_to_anything_else()
    {
        using var folder = new SettingsFolder(settings =>
        {
            surroundings.Value.Plant(settings);
            foreach (var (_, route) in settings["ReverseProxy"]!["Routes"]!.AsObject())
                route!["Metadata"]!["Timeout"] = "00:00:10"; // the clock runs ten times as fast
        });
        var findings = new Findings();

        foreach (var fault in LeakProofTests.Faults)
        {
            foreach (var operation in new[] { FaultOperation.Sideband, FaultOperation.Any }.Where(fault.Effect.Meets))
            {
                var output = await ProofCommand.ExamineAsync("keyed", surroundings.Value, fault with { Operation = operation }, folder, findings);
                Assert.Equal(operation is FaultOperation.Sideband && fault.Effect != FaultEffect.Delay, output.Contains("FAILED  sideband", StringComparison.Ordinal));
            }
        }

        findings.AssertNoLeak();
        Assert.Contains(Canaries.Deployment, findings.Found);
        Assert.Contains(Canaries.RequestId, findings.Found);
    }

    [Fact]
    public async Task The_console_of_a_process_shows_nothing_while_it_serves_refuses_and_crashes()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new SettingsFolder(surroundings.Value.Plant);
        var (findings, address) = (new Findings(), FreeAddress.Next());
        (string, string)[] variables =
        [
            ("ASPNETCORE_URLS", address), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ];

        var served = await CommandProcess.RunAsync(folder.Path, [], process => ServeAsync(new(address), findings, surroundings.Value, folder, collector, process.Id), variables);
        using var taken = new TcpListener(IPAddress.Loopback, new Uri(address).Port);
        taken.Start();
        var crashed = await CommandProcess.RunAsync(folder.Path, [], variables);
        folder.Change(ProofCommand.Spoil);
        var refused = await CommandProcess.RunAsync(folder.Path, [], variables);
        folder.Write($$$"""{ "Credentials": { "key": { "ApiKey": { "Primary": "{{{Canaries.Key.Text}}}" """);
        var unreadable = await CommandProcess.RunAsync(folder.Path, [], variables);

        Look(findings, ("served", served), ("crashed", crashed), ("refused", refused), ("unreadable", unreadable));
        findings.AssertNoLeak();
        Assert.Equal((0, 1, 1), (served.ExitCode, refused.ExitCode, unreadable.ExitCode));
        Assert.Contains("\"method\":\"POST\",\"route\":\"sessions\",\"status\":200,\"outcome\":\"ok\"", served.Output, StringComparison.Ordinal);
        Assert.Contains("Unhandled exception", crashed.Error, StringComparison.Ordinal);
        Assert.Contains("Configuration refused", refused.Output, StringComparison.Ordinal);
    }

    private static void Look(Findings findings, params (string Name, CommandResult Result)[] ended)
    {
        foreach (var (name, result) in ended)
        {
            foreach (var line in result.Lines)
                findings.Add(Audience.Log, name, "message", line);
            findings.Add(Audience.Log, name, "exception", result.Error);
        }
    }

    private static async Task ServeAsync(Uri address, Findings findings, Surroundings surroundings, SettingsFolder folder, Collector collector, int process)
    {
        var settings = JsonNode.Parse(folder.Read())!;
        using var journeys = new Journeys([address], [.. Routes(settings)], findings, settings, surroundings.Token());
        await Eventually.ShouldAsync(async () => (await journeys.Caller.SendAsync("GET", "/health/live", "/health/live", credential: null)).Status == 200);
        await journeys.VisitAllAsync();
        surroundings.Faults.Inject(new() { Effect = FaultEffect.Status, Status = 503 });
        await journeys.VisitServiceAsync();
        surroundings.Faults.Clear();
        await collector.WhenTracedAsync();
        foreach (var sent in collector.TakeReceived())
            findings.Add(Audience.Telemetry, "collector", "body", sent);
        using var kill = Process.Start("kill", ["-TERM", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static IEnumerable<(string, string)> Routes(JsonNode settings) =>
        from route in settings["ReverseProxy"]!["Routes"]!.AsObject()
        from method in route.Value!["Match"]!["Methods"]?.AsArray().Select(method => (string)method!) ?? ["GET", "POST"]
        select (method, (string)route.Value!["Match"]!["Path"]!);
}
