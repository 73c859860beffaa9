using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Simulator;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>
/// A gateway before several simulated resources, named one, two, three…, each with keys of its own, so that a key that goes astray is refused.
/// </summary>
internal sealed class Regions : IAsyncDisposable
{
    private static readonly string[] Names = ["one", "two", "three"];

    private readonly SimulatedAzure[] _azures;
    private readonly SimulatorOptions[] _options;
    private readonly TimeProvider? _azureTime;

    private Regions(SimulatedAzure[] azures, SimulatorOptions[] options, TimeProvider? azureTime, Gateway gateway) =>
        (_azures, _options, _azureTime, Gateway) = (azures, options, azureTime, gateway);

    public Gateway Gateway { get; }

    public SimulatedAzure One => _azures[0];

    public SimulatedAzure Two => _azures[1];

    public SimulatedAzure Three => _azures[2];

    /// <summary>How many mints have reached each.</summary>
    public int[] Mints => [.. _azures.Select(azure => azure.Received.All.Count(request => request.Path == SimulatedAzure.Mint))];

    public static string[] NamesOf(int count) => Names[..count];

    public static string PrimaryOf(string name) => $"primary-of-{name}";

    public static string SecondaryOf(string name) => $"secondary-of-{name}";

    public static async Task<Regions> StartAsync(int count, Action<JsonNode>? change = null, TimeProvider? time = null, TimeProvider? azureTime = null)
    {
        var options = Array.ConvertAll(NamesOf(count), name => new SimulatorOptions { ApiKeys = [PrimaryOf(name), SecondaryOf(name)], CannedAnswers = true });
        var azures = await Task.WhenAll(options.Select(own => SimulatedAzure.StartAsync(own, azureTime)));
        var gateway = Gateway.Start(
            Gateway.Generous,
            settings =>
            {
                for (var i = 0; i < count; i++)
                    AddDestination(settings, Names[i], azures[i].Url);
                change?.Invoke(settings);
            },
            services: services => services.AddSingleton(time ?? TimeProvider.System));
        return new(azures, options, azureTime, gateway);
    }

    /// <summary>Adds a destination with a credential of the same name.</summary>
    public static void AddDestination(JsonNode settings, string name, string url)
    {
        settings.Set($"ReverseProxy:Clusters:azureopenai:Destinations:{name}", $$"""{ "Address": "{{url}}", "Metadata": { "Credential": "{{name}}", "Deployment": "gpt-realtime" } }""");
        settings.Set($"Credentials:{name}:ApiKey:Primary", $"\"{PrimaryOf(name)}\"");
    }

    /// <summary>Metadata of a destination.</summary>
    public static void Describe(JsonNode settings, string name, string key, string value) =>
        settings.Set($"ReverseProxy:Clusters:azureopenai:Destinations:{name}:Metadata:{key}", $"\"{value}\"");

    /// <summary>From now on the resource takes these keys and no others.</summary>
    public void Accept(string name, params string[] keys) => _options[Array.IndexOf(Names, name)].ApiKeys = keys;

    /// <summary>Cuts its connections and listens no more.</summary>
    public Task KillAsync(int index)
    {
        _options[index].Url = _azures[index].Url.TrimEnd('/');
        _azures[index].Faults.Inject(new() { Effect = FaultEffect.Reset });
        return _azures[index].StopAsync();
    }

    public async Task ReviveAsync(int index)
    {
        await _azures[index].DisposeAsync();
        _azures[index] = await SimulatedAzure.StartAsync(_options[index], _azureTime);
    }

    public async Task<HttpStatusCode> MintAsync(string body = "{}")
    {
        using var response = await Gateway.MintAsync(body);
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var azure in _azures)
            await azure.DisposeAsync();
    }
}

/// <summary>Faults by what a test wants to say.</summary>
internal static class Trouble
{
    public static void AnswersAlways(this SimulatedAzure azure, int status, int? retryAfterMs = null, string? variant = null) =>
        azure.Faults.Inject(new() { Effect = FaultEffect.Status, Operation = FaultOperation.Mint, Status = status, RetryAfterMs = retryAfterMs, Variant = variant });
}
