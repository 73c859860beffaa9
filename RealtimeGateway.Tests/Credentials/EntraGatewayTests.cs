extern alias AzureSdk;

using System.Text.Json.Nodes;
using AzureSdk::Azure.Core;
using AzureSdk::Azure.Identity;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Credentials;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Credentials;

/// <summary>A gateway whose credential is an identity, with a fake in place of Entra itself.</summary>
public sealed class EntraGatewayTests : IDisposable
{
    private readonly ScriptedTokens _tokens = new();
    private readonly Azure _azure = new();

    [Fact]
    public async Task The_first_token_is_there_before_the_first_caller_and_reaches_the_destination_alone()
    {
        await using var gateway = Start();
        await _tokens.AnswerAsync("eyJ-of-the-gateway", DateTimeOffset.UtcNow.AddHours(1));
        await gateway.WhenLoggedAsync("Credential default: a token is there");
        _azure.Mints();

        using var minted = await gateway.MintAsync();

        Assert.Equal(200, (int)minted.StatusCode);
        Assert.Equal("Bearer eyJ-of-the-gateway", _azure.Received.Headers!["Authorization"].Single());
        Assert.DoesNotContain("api-key", _azure.Received.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain("eyJ-of-the-gateway", await minted.VisibleAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Logs.GetSnapshot(), line => line.Message.Contains("eyJ", StringComparison.Ordinal));
        Assert.Single(_tokens.Asked);
    }

    [Fact]
    public async Task A_token_that_does_not_come_in_the_requests_time_is_no_silence_of_the_destination()
    {
        await using var gateway = Start(settings => settings.Set("ReverseProxy:Routes:sessions:Metadata:Timeout", "\"00:00:01\""));
        await _tokens.WhenAskedAsync();
        gateway.Announce("Destination default");

        using var minted = await gateway.MintAsync();

        await minted.ShouldFailAsync(502, "upstream_misconfigured");
        Assert.Equal(("misconfigured", "no_token"), (gateway.OnlyDestination().Report().State, gateway.OnlyDestination().Report().Cause));
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task A_reload_keeps_the_token_of_an_identity_that_stays_and_fetches_that_of_a_new_one()
    {
        await using var gateway = Start();
        await _tokens.AnswerAsync("one", DateTimeOffset.UtcNow.AddHours(1));
        await gateway.WhenLoggedAsync("Credential default: a token is there");
        var before = gateway.OnlyDestination().Credential;

        await gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"echo\""));
        Assert.Same(before, gateway.OnlyDestination().Credential);
        await gateway.ReloadAsync(settings => settings.Set("Credentials:default:Entra:Scope", "\"https://cognitiveservices.azure.com/.default\""));

        Assert.NotSame(before, gateway.OnlyDestination().Credential);
        await _tokens.AnswerAsync("two", DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(["https://ai.azure.com/.default", "https://cognitiveservices.azure.com/.default"], _tokens.Asked.Select(question => Assert.Single(question.Scopes)));
    }

    [Fact]
    public async Task A_key_and_an_identity_for_one_resource_are_a_mistake()
    {
        await using var gateway = Start();
        await _tokens.FailAsync(new CredentialUnavailableException("nobody"));
        gateway.Announce("no new token", "Configuration refused");
        await gateway.WhenLoggedAsync("no new token");

        var verdict = await gateway.ReloadAsync(settings => settings.Set("Credentials:default:ApiKey", """{ "Primary": "key" }"""));

        Assert.Contains("Credentials:default: has both ApiKey and Entra; keep one of them", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void The_variable_for_the_key_and_the_setting_for_it_at_once_are_a_mistake() => Assert.Contains(
        "AZURE_OPENAI_API_KEY: is set, and Credentials:default:ApiKey:Primary too; keep one of them",
        Gateway.RefusalToStart(new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_ENDPOINT"] = "https://resource.openai.azure.com",
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["Credentials:default:ApiKey:Primary"] = "another",
        }),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_secondary_key_may_stand_beside_the_variable()
    {
        await using var gateway = Gateway.StartWith(_azure.Url, new Dictionary<string, string?> { ["Credentials:default:ApiKey:Secondary"] = "second" });
        var credential = gateway.OnlyDestination().Credential!;
        gateway.Announce("answered 401 to the primary key");

        Assert.True(credential.TryTurnFrom(await credential.CurrentAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(("api-key", "second"), (await credential.CurrentAsync(TestContext.Current.CancellationToken)).Sent());
    }

    public void Dispose() => _azure.Dispose();

    private Gateway Start(Action<JsonNode>? change = null) => Gateway.Start(
        new Dictionary<string, string?> { ["AZURE_OPENAI_ENDPOINT"] = _azure.Url },
        settings =>
        {
            settings.Set("Credentials:default:Entra", "{}");
            change?.Invoke(settings);
        },
        services: services => services.AddSingleton<TokenSourceFactory>(_ => _tokens));
}
