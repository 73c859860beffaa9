using System.Text.Json.Nodes;
using RealtimeGateway.Simulator;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Doctor;

/// <summary>The command, run as an operator runs it, against a simulated resource. Nothing secret may come out of it, and no call may outlive it.</summary>
internal sealed class Visit : IAsyncDisposable
{
    /// <summary>What a resource says that is nobody's business, and what no output may hold.</summary>
    private static readonly string[] Canaries =
        ["ek_", SimulatedAzure.Key, "spare-key", "wrong-key", "v=0", "a=", "ice-ufrag", "simulated-", "principal", "subscription key", "friendly voice assistant", "sess_"];

    private Visit(SimulatedAzure azure) => Azure = azure;

    public SimulatedAzure Azure { get; }

    public SettingsFolder Folder { get; } = new(change: null);

    public static async Task<Visit> BeginAsync() => new(await SimulatedAzure.StartAsync(new SimulatorOptions { CannedAnswers = true }));

    public void Break(FaultOperation operation, FaultEffect effect, int? status = null, string? variant = null, int? times = null, int? delayMs = null) =>
        Azure.Faults.Inject(new() { Operation = operation, Effect = effect, Status = status, Variant = variant, Times = times, DelayMs = delayMs });

    /// <summary>What names the resource; what comes later wins.</summary>
    public (string Name, string Value)[] Variables(params (string Name, string Value)[] others) =>
    [
        ("AZURE_OPENAI_ENDPOINT", Azure.Url), ("AZURE_OPENAI_API_KEY", SimulatedAzure.Key), ("AZURE_OPENAI_DEPLOYMENT", "gpt-realtime"), ("Callers__AllowAnonymous", "true"), .. others,
    ];

    /// <summary>Writes destinations into the file, each with a key, in place of the variables.</summary>
    public void Configure(params (string Name, string Address)[] destinations) => Folder.Change(settings =>
    {
        foreach (var (name, address) in destinations)
        {
            settings.Set($"ReverseProxy:Clusters:azureopenai:Destinations:{name}",
                $$"""{ "Address": "{{address}}", "Metadata": { "Credential": "{{name}}", "Deployment": "gpt-realtime" } }""");
            settings.Set($"Credentials:{name}:ApiKey:Primary", $"\"{SimulatedAzure.Key}\"");
        }
    });

    public Task<CommandResult> DoctorAsync(params string[] arguments) => DoctorAsync(Variables(), arguments);

    public async Task<CommandResult> DoctorAsync((string Name, string Value)[] variables, params string[] arguments)
    {
        var result = await CommandProcess.RunAsync(Folder.Path, ["doctor", .. arguments], variables);
        Assert.DoesNotContain(Canaries, canary => (result.Output + result.Error).Contains(canary, StringComparison.Ordinal));
        return result;
    }

    /// <summary>Runs it with <c>--json</c>; the answer for the only destination.</summary>
    public async Task<JsonNode> ExamineAsync(params (string Name, string Value)[] others)
    {
        var result = await DoctorAsync(Variables(others), "--json");
        var answer = JsonNode.Parse(result.Output)!;
        Assert.Equal(answer["ok"]!.GetValue<bool>() ? 0 : 1, result.ExitCode);
        return Assert.Single(answer["destinations"]!.AsArray())!;
    }

    public async Task AssertNoCallIsLeftAsync(int begun)
    {
        var calls = await Azure.CallsAsync();
        Assert.Equal(begun, calls.Count);
        Assert.All(calls, call => Assert.Equal("hung_up", (string?)call["ended"]));
    }

    public async ValueTask DisposeAsync()
    {
        Folder.Dispose();
        await Azure.DisposeAsync();
    }
}

internal static class VisitExtensions
{
    public static JsonNode Check(this JsonNode destination, string name) =>
        destination["checks"]!.AsArray().First(check => (string?)check!["check"] == name)!;

    public static string Verdict(this JsonNode destination, string name) => (string)destination.Check(name)["verdict"]!;

    public static string Finding(this JsonNode destination, string point) =>
        (string)destination["findings"]!.AsArray().Single(finding => (string?)finding!["point"] == point)!["answer"]!;
}
