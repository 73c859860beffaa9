using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Recording;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Simulator;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>
/// The service and the issuers of tokens that a gateway meets, and the shipped settings with something planted in every place. A few routes stand beside the shipped ones: one
/// that passes through, one to a cluster without a credential, one with narrow limits.
/// </summary>
internal sealed class Surroundings : IAsyncDisposable
{
    private SimulatedAzure _azure = null!;
    private Issuer _issuer = null!;
    private Issuer _away = null!;

    public ImpatientTime Time { get; } = new();

    public IndiscreetService Indiscreet { get; private set; } = null!;

    public Faults Faults => _azure.Faults;

    public static async Task<Surroundings> StartAsync()
    {
        var surroundings = new Surroundings();
        surroundings._azure = await SimulatedAzure.StartAsync(
            new()
            {
                Url = $"http://{Canaries.Host.Text}:0",
                ApiKeys = [Canaries.Key.Text, Canaries.SpareKey.Text],
                BearerTokens = [Canaries.EntraToken.Text],
                Deployments = [Canaries.Deployment.Text, Canaries.SpareDeployment.Text],
                TranscriptionDeployments = [Canaries.Transcriber.Text],
                CannedAnswers = true,
            },
            surroundings.Time);
        surroundings._issuer = await Issuer.StartAsync();
        surroundings._away = await Issuer.StartAsync();
        surroundings._away.IsAway = true;
        surroundings.Indiscreet = await IndiscreetService.StartAsync();
        return surroundings;
    }

    /// <summary>What proves a caller.</summary>
    public string Token() => TokenOf(_issuer);

    /// <summary>What an issuer signed that nobody can ask.</summary>
    public string TokenOfNobody() => TokenOf(_away);

    /// <summary>Takes what has reached the service since the last time.</summary>
    public IReadOnlyList<ReceivedRequest> TakeReceived()
    {
        var received = _azure.Received.All;
        _azure.Received.Forget();
        return received;
    }

    public void ForgetReceived()
    {
        _azure.Received.Forget();
        Indiscreet.TellTo(new());
    }

    /// <summary>Puts what the proof has of its own in the place of the clock and of identities in Entra ID.</summary>
    public void Replace(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Time);
        // Where tokens come from is a type of the gateway's own, which a mutant has for itself.
        var factory = services.Single(service => service.ServiceType.Name == "TokenSourceFactory").ServiceType;
        services.AddSingleton(factory, GivenToken.As(factory));
    }

    public async ValueTask DisposeAsync()
    {
        await _azure.DisposeAsync();
        await _issuer.DisposeAsync();
        await _away.DisposeAsync();
        await Indiscreet.DisposeAsync();
    }

    public void Plant(JsonNode settings)
    {
        settings.Set("ReverseProxy:Clusters", $$"""
            {
              "azureopenai": { "Destinations": {
                "keyed": { "Address": "{{_azure.Url}}", "Metadata": { "Credential": "key", "Deployment": "{{Canaries.Deployment.Text}}" } },
                "spare": { "Address": "{{_azure.Url}}", "Metadata": { "Credential": "identity", "Deployment": "{{Canaries.SpareDeployment.Text}}", "Priority": "1" } } } },
              "open": { "Destinations": { "plain": { "Address": "{{_azure.Url}}" } } },
              "indiscreet": { "Destinations": { "loud": { "Address": "{{Indiscreet.Url}}", "Metadata": { "Credential": "key", "Deployment": "{{Canaries.IndiscreetDeployment.Text}}" } } } },
              "gone": { "Destinations": { "nobody": { "Address": "http://{{Canaries.Host.Text}}:1", "Metadata": { "Credential": "key" } } } },
              "older": { "Destinations": { "preview": { "Address": "{{_azure.Url}}", "Metadata": {
                "Credential": "key", "Protocol": "preview", "ApiVersion": "2025-04-01-preview", "WebRtcUrl": "{{_azure.Url}}" } } } },
              "lost": { "Destinations": { "tokenless": { "Address": "{{_azure.Url}}", "Metadata": { "Credential": "lost" } } } }
            }
            """);
        settings.Set("Credentials", $$"""
            { "key": { "ApiKey": { "Primary": "{{Canaries.Key.Text}}", "Secondary": "{{Canaries.SpareKey.Text}}" } }, "identity": { "Entra": { } }, "lost": { "Entra": { "TenantId": "{{GivenToken.TenantOfNobody}}" } } }
            """);
        settings.Set("Callers", $$"""
            {
              "LogKey": "{{Canaries.LogKey.Text}}",
              "Keys": { "alice": { "Hash": "{{HashOf(Canaries.AlicesKey)}}" }, "bob": { "Hash": "{{HashOf(Canaries.BobsKey)}}" } },
              "Jwt": {
                "test": { "Authority": "{{_issuer.Url}}", "Audiences": [ "{{Issuer.Audience}}" ] },
                "away": { "Authority": "{{_away.Url}}", "Audiences": [ "{{Issuer.Audience}}" ] } }
            }
            """);
        settings.Set("Realtime:Profiles:assistant:Instructions", $"\"Never say {Canaries.Instructions.Text}.\"");
        settings.Set("Realtime:Profiles:assistant:Tools", $$"""
            [ { "Name": "{{Canaries.Tool.Text}}", "Description": "{{Canaries.ToolDescription.Text}}", "Parameters": { "type": "object", "properties": { "{{Canaries.ToolParameter.Text}}": { "type": "string" } } } } ]
            """);
        settings.Set("Realtime:Profiles:assistant:OutputModality", "\"text\"");
        settings.Set("Realtime:Profiles:assistant:Transcription", $$"""{ "Model": "{{Canaries.Transcriber.Text}}", "Prompt": "{{Canaries.Prompt.Text}}" }""");
        settings.Set($"Realtime:Profiles:{Canaries.HiddenProfile.Text}", $$"""{ "Models": [ "gpt-realtime" ], "Voices": [ "{{Canaries.HiddenVoice.Text}}" ], "AllowedFor": [ "key:bob" ] }""");
        foreach (var (_, route) in settings["ReverseProxy"]!["Routes"]!.AsObject())
            route!["Metadata"]!["Timeout"] = "00:00:01";
        settings.Set("ReverseProxy:Routes:things", """{ "ClusterId": "azureopenai", "Match": { "Path": "/things/{**rest}" }, "Metadata": { "Timeout": "00:00:01" } }""");
        settings.Set("ReverseProxy:Routes:open", """{ "ClusterId": "open", "Match": { "Path": "/open/{**rest}" }, "Metadata": { "Timeout": "00:00:01" } }""");
        foreach (var (cluster, own) in new[] { ("indiscreet", ""), ("gone", ""), ("lost", ""), ("indiscreet", "SessionEvents"), ("gone", "SessionEvents"), ("gone", "SdpOffer"), ("older", "SdpOffer") })
            settings.Set($"ReverseProxy:Routes:{cluster}{own}", RouteTo(cluster, own));
        settings.Set("ReverseProxy:Routes:narrow", """
            {
              "ClusterId": "azureopenai", "Match": { "Path": "/narrow", "Methods": [ "POST" ] }, "Metadata": { "Timeout": "00:00:01", "Limit": "few;one" },
              "Transforms": [ { "PathSet": "/openai/v1/realtime/client_secrets" }, { "SessionProfile": "assistant" }, { "SessionResponse": "session" } ]
            }
            """);
        foreach (var (_, limit) in settings["Limits"]!.AsObject())
            limit!["Permits"] = 100_000;
        settings.Set("Limits:few", """{ "Kind": "fixed_window", "Permits": 2, "Window": "01:00:00", "By": "caller" }""");
        settings.Set("Limits:one", """{ "Kind": "concurrency", "Permits": 1, "By": "caller" }""");
    }

    /// <summary>A route that passes through, or one with a transform for sockets or calls.</summary>
    private static string RouteTo(string cluster, string transform) => transform.Length == 0
        ? $$"""{ "ClusterId": "{{cluster}}", "Match": { "Path": "/{{cluster}}/{**rest}" }, "Metadata": { "Timeout": "00:00:01" } }"""
        : $$"""
            {
              "ClusterId": "{{cluster}}", "Match": { "Path": "/{{cluster}}{{transform.ToLowerInvariant()}}", "Methods": [ "{{(transform is "SdpOffer" ? "POST" : "GET")}}" ] }, "Metadata": { "Timeout": "00:00:01" },
              "Transforms": [ { "PathSet": "/openai/v1/realtime{{(transform is "SdpOffer" ? "/calls" : "")}}" }, { "{{transform}}": "assistant" }{{(transform is "SdpOffer" ? """, { "SdpAnswer": "call" }""" : "")}} ]
            }
            """;

    private string TokenOf(Issuer issuer) => issuer.Token(Time.GetUtcNow(), Canaries.Subject.Text, token => token.Expires = Time.GetUtcNow().UtcDateTime.AddDays(1));

    private static string HashOf(Canary key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Text)));
}
