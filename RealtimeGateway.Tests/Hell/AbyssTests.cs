using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tests.Hostile;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;

namespace RealtimeGateway.Tests.Hell;

/// <summary>
/// A service that keeps no rule of HTTP or WebSocket: each caller gets the answer of the table of errors within the route's time, the gateway reads no more than it must,
/// ends what the service has begun, keeps nothing, and the next request goes well.
/// </summary>
[Collection(nameof(Alone))]
public sealed class AbyssTests
{
    private const long Allowance = 32 * 1024 * 1024;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    /// <summary>What is no matter of time is not made one by a slow machine.</summary>
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(20);

    /// <summary>What a machine needs to hand so many answers over at once; and three seconds for whoever does not answer a goodbye.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    // What an operator has to know: our own access is not in order, as a service of this kind says.
    private static readonly string[] Errors = ["upstream_misconfigured", "is out until", "Credential abyss"];

    private readonly ShiftingTime _time = new();

    [Fact]
    public async Task Whatever_the_service_does_the_caller_gets_the_answer_of_the_table_and_nothing_is_left()
    {
        Torment[] torments = [.. Torments.All];
        await using var abyss = new Abyss(torments);
        await using var gateway = Start(abyss, torments);
        var before = Siege.LiveHeap();
        var wrong = new ConcurrentQueue<string>();

        await Parallel.ForEachAsync(torments, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (torment, _) => await SufferAsync(gateway, abyss, torment, wrong));
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
        _time.Advance(TimeSpan.FromHours(2)); // whatever quiet was asked for is over
        await Parallel.ForEachAsync(torments, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (torment, _) =>
            Assert.Equal(SuccessOf(torment.Operation), await GoAsync(gateway, torment, saysBye: true)));

        await Eventually.ShouldAsync(() => gateway.Services.GetRequiredService<OpenSockets>().Count == 0);
        Assert.Empty(gateway.Logs.GetSnapshot(clear: true).Where(record => record.Level >= LogLevel.Error && !Array.Exists(Errors, text => record.Message.Contains(text, StringComparison.Ordinal))).Select(record => $"{record}"));
        Assert.InRange(Siege.LiveHeap() - before, long.MinValue, Allowance);
    }

    private static async Task SufferAsync(Gateway gateway, Abyss abyss, Torment torment, ConcurrentQueue<string> wrong)
    {
        var begin = Stopwatch.GetTimestamp();
        var outcome = await OutcomeOfAsync(gateway, torment);
        var took = Stopwatch.GetElapsedTime(begin);
        var expected = torment.Outcome is "ok" ? SuccessOf(torment.Operation) : torment.Outcome;
        if (outcome != expected)
            wrong.Enqueue($"{torment.Name}: {outcome}, not {expected}");
        if (took > Short + Slack)
            wrong.Enqueue($"{torment.Name} took {took}");
        if (abyss.Taken.GetValueOrDefault(torment.Name) is var taken && taken > torment.MostBytes)
            wrong.Enqueue($"{torment.Name}: {taken} bytes were read");
        if (torment is { Operation: Operation.Calls, IsBegun: true })
            await HungUpAsync(abyss, torment, wrong);
    }

    private static async Task HungUpAsync(Abyss abyss, Torment torment, ConcurrentQueue<string> wrong)
    {
        try
        {
            await Eventually.ShouldAsync(() => abyss.HungUp.GetValueOrDefault(torment.Name) == 1);
        }
        catch (OperationCanceledException)
        {
            wrong.Enqueue($"{torment.Name}: its call goes on");
        }
    }

    private static async Task<string> OutcomeOfAsync(Gateway gateway, Torment torment)
    {
        try
        {
            return await GoAsync(gateway, torment, saysBye: false);
        }
        catch (OperationCanceledException)
        {
            return "no end";
        }
    }

    private static Task<string> GoAsync(Gateway gateway, Torment torment, bool saysBye) => torment.Operation switch
    {
        Operation.Mint => Way.PostAsync(gateway, $"/{torment.Name}/sessions"),
        Operation.Calls => Way.CallAsync(gateway, $"/{torment.Name}/calls"),
        _ => Way.ConverseAsync(gateway, $"/{torment.Name}/realtime", saysBye),
    };

    private static string SuccessOf(Operation operation) => operation switch
    {
        Operation.Mint => "200",
        Operation.Calls => "201, ended 204",
        _ => "101, 1000",
    };

    /// <summary>A cluster and a route for each torment, so that none of them spoils another's health.</summary>
    private Gateway Start(Abyss abyss, Torment[] torments)
    {
        var gateway = Gateway.Start(
            new Dictionary<string, string?>(Gateway.Generous) { ["Credentials:abyss:ApiKey:Primary"] = Gateway.Key },
            settings =>
            {
                settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:one", Destination(abyss, "none"));
                foreach (var torment in torments)
                {
                    settings.Set($"ReverseProxy:Clusters:{torment.Name}", $$"""{ "Destinations": { "one": {{Destination(abyss, torment.Name)}} } }""");
                    settings.Set($"ReverseProxy:Routes:{torment.Name}", RouteOf(torment));
                }
            },
            services: services => services.AddSingleton<TimeProvider>(_time));
        gateway.Announce(""); // each of them warns in its own words
        return gateway;
    }

    private static string Destination(Abyss abyss, string name) => $$"""{ "Address": "{{abyss.Url}}/{{name}}", "Metadata": { "Credential": "abyss", "Deployment": "d" } }""";

    private static string RouteOf(Torment torment)
    {
        var (path, method, target, transforms) = torment.Operation switch
        {
            Operation.Mint => ("sessions", "POST", "/openai/v1/realtime/client_secrets", """{ "SessionProfile": "assistant" }, { "SessionResponse": "session" }"""),
            Operation.Calls => ("calls", "POST", "/openai/v1/realtime/calls", """{ "SdpOffer": "assistant" }, { "SdpAnswer": "call" }"""),
            _ => ("realtime", "GET", "/openai/v1/realtime", """{ "SessionEvents": "assistant" }"""),
        };
        return JsonNode.Parse($$"""
            {
              "ClusterId": "{{torment.Name}}", "Match": { "Path": "/{{torment.Name}}/{{path}}", "Methods": [ "{{method}}" ] }, "Metadata": { "Timeout": "{{(torment.Lasts ? Short : Ample)}}" },
              "Transforms": [ { "PathSet": "{{target}}" }, {{transforms}} ]
            }
            """)!.ToJsonString();
    }
}
