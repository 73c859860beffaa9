using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Health;

public sealed class HealthDetailsTests
{
    [Fact]
    public async Task They_tell_what_is_in_force_and_how_credentials_are()
    {
        await using var gateway = Gateway.StartWith("https://secret-resource.openai.azure.com");

        var details = await DetailsAsync(gateway);

        Assert.Equal("healthy", (string?)details["status"]);
        Assert.Equal(["version", "loaded_at", "rejected_since", "faults"], details["configuration"]!.AsObject().Select(member => member.Key));
        Assert.Equal(("1", null, "[]"), ((string?)details["configuration"]!["version"], (string?)details["configuration"]!["rejected_since"], details["configuration"]!["faults"]!.ToJsonString()));
        Assert.Equal("""[{"cluster":"azureopenai","name":"default","state":"healthy","cause":null,"until":null}]""", details["destinations"]!.ToJsonString());
        Assert.Equal("""[{"name":"default","state":"primary","since":null}]""", details["credentials"]!.ToJsonString());
        Assert.All(["secret-resource", Gateway.Key, Gateway.Deployment], secret => Assert.DoesNotContain(secret, details.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task They_say_which_destination_is_not_well_why_and_until_when()
    {
        using var azure = new Azure();
        azure.Answers(Azure.GaPath, 429, "{}", ("Retry-After", "60"));
        await using var gateway = Gateway.StartWith(azure.Url);
        gateway.Announce("Destination default");
        using var mint = await gateway.MintAsync();

        var destination = (await DetailsAsync(gateway))["destinations"]![0]!;

        Assert.Equal(("throttled", "429"), ((string?)destination["state"], (string?)destination["cause"]));
        Assert.InRange((DateTimeOffset)destination["until"]!, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddSeconds(60));
    }

    [Fact]
    public async Task They_say_which_key_is_in_use_and_since_when()
    {
        await using var regions = await Regions.StartAsync(1, settings => settings.Set("Credentials:one:ApiKey:Secondary", $"\"{Regions.SecondaryOf("one")}\""));
        regions.Accept("one", Regions.SecondaryOf("one"));
        regions.Gateway.Announce("answered 401");
        var before = DateTimeOffset.UtcNow;

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        var credential = (await DetailsAsync(regions.Gateway))["credentials"]![0]!;
        Assert.Equal(("one", "secondary"), ((string?)credential["name"], (string?)credential["state"]));
        Assert.InRange((DateTimeOffset)credential["since"]!, before, DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task They_name_every_fault_of_a_refused_file_with_its_key_and_no_value_until_it_is_mended()
    {
        await using var gateway = Gateway.StartWith("https://resource.openai.azure.com");
        gateway.Announce("refused");
        await gateway.ReloadAsync(settings =>
        {
            settings.Set("Limits:sessionsatonce:Window", "\"a-secret-of-somebody\"");
            settings.Set("Callers", """{ "Keys": { "web": { "Hash": "rgk_the-key-itself" } } }""");
        });

        var refused = await DetailsAsync(gateway);
        await gateway.ReloadAsync(settings => settings.Set("Limits:sessionsatonce:Window", "\"00:02:00\""));
        var stillRefused = await DetailsAsync(gateway);
        await gateway.ReloadAsync(settings => settings.Set("Callers", "{}"));
        var healed = await DetailsAsync(gateway);

        Assert.Equal(("degraded", "1"), ((string?)refused["status"], (string?)refused["configuration"]!["version"]));
        Assert.Equal(
            """
            [{"source":"appsettings.json","key":"Callers:Keys:web:Hash","rule":"must be the SHA-256 of a key as 64 hexadecimal digits; the command new-key makes both"},
            """ + """{"source":"appsettings.json","key":"Limits:sessionsatonce:Window","rule":"must be a time span such as 00:01:00"}]""",
            refused["configuration"]!["faults"]!.ToJsonString());
        Assert.Equal((string?)refused["configuration"]!["rejected_since"], (string?)stillRefused["configuration"]!["rejected_since"]);
        Assert.Single(stillRefused["configuration"]!["faults"]!.AsArray());
        Assert.Equal(("healthy", "4", null), ((string?)healed["status"], (string?)healed["configuration"]!["version"], (string?)healed["configuration"]!["rejected_since"]));
    }

    private static async Task<JsonNode> DetailsAsync(Gateway gateway)
    {
        using var response = await gateway.Http.GetAsync("/health/details", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
