using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>A command of the gateway, as it was built or as a <see cref="Mutation"/> has made it, run on settings with secrets in the right places and in wrong ones.</summary>
internal static class ProofCommand
{
    /// <summary>The command that asks the service, and for that needs settings that are in order.</summary>
    public const string Doctor = "doctor";

    public static async Task<Findings> RunAsync(string command, Surroundings surroundings, byte[]? image = null)
    {
        using var folder = new SettingsFolder(surroundings.Plant);
        if (command is not Doctor)
            folder.Change(Spoil);
        var context = image is null ? null : new AssemblyLoadContext("a mutant", isCollectible: true);
        var assembly = context is null ? typeof(Program).Assembly : context.LoadFromStream(new MemoryStream(image!));
        var findings = new Findings();
        foreach (var form in new string[][] { [], ["--json"] })
        {
            using var output = new StringWriter();
            await RunAsync(assembly, [command, .. form, "--environment", "Production", "--contentRoot", folder.Path], output, surroundings);
            findings.Add(Audience.Operator, command, "output", output.ToString());
        }

        context?.Unload();
        return findings;
    }

    /// <summary>Has the doctor look at a destination while the service does this to what it is asked; what it says.</summary>
    public static async Task<string> ExamineAsync(string destination, Surroundings surroundings, Fault fault, SettingsFolder folder, Findings findings)
    {
        using var output = new StringWriter();
        surroundings.Faults.Inject(fault);
        await RunAsync(typeof(Program).Assembly, [Doctor, destination, "--environment", "Production", "--contentRoot", folder.Path], output, surroundings);
        surroundings.Faults.Clear();
        findings.Add(Audience.Operator, Doctor, "output", output.ToString());
        return output.ToString();
    }

    /// <summary>Puts secrets where they do not belong: what somebody does in a hurry.</summary>
    public static void Spoil(JsonNode settings)
    {
        settings.Set("Limits:sessions:Window", $"\"Bearer {Canaries.Key.Text}0\"");
        settings.Set("Limits:sessions:Permits", $"\"{Canaries.Key.Text}0123456789\"");
        settings.Set("Cors:default:Origins", $"[ \"https://user:{Canaries.SpareKey.Text}@www.example.com\" ]");
        settings.Set("Redis:Connection", $"\"redis.example,password={Canaries.RedisPassword.Text},ssl=true\"");
        settings.Set("Callers:Keys:alice:Hash", $"\"{Canaries.AlicesKey.Text}\"");
        settings.Set("Callers:Jwt:test:Authority", $"\"https://issuer.example.com/?sig={Canaries.QueryKey.Text}\"");
        settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:keyed:Address", $"\"https://resource.openai.azure.com/?api-key={Canaries.Key.Text}\"");
        settings.Set("ReverseProxy:Routes:things:Transforms", $$"""[ { "RequestHeader": "api-key", "Set": "{{Canaries.Key.Text}}" } ]""");
        settings.Set($"Credentials:rgk_{Canaries.BobsKey.Text}0", "{ }");
    }

    private static async Task RunAsync(Assembly assembly, string[] arguments, TextWriter output, Surroundings surroundings)
    {
        var gateway = assembly.EntryPoint!.DeclaringType!.GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Single(method => method.Name.Contains("AddGateway", StringComparison.Ordinal));
        var console = Activator.CreateInstance(assembly.GetType("RealtimeGateway.Commands.CommandConsole")!, output, output, gateway.CreateDelegate<Action<WebApplicationBuilder>>() + (builder => surroundings.Replace(builder.Services)));
        await (Task<int?>)assembly.GetType("RealtimeGateway.Commands.CommandLine")!.GetMethod("RunAsync")!.Invoke(null, [arguments, console])!;
        surroundings.ForgetReceived(); // what the doctor asks for is its own affair
    }
}
