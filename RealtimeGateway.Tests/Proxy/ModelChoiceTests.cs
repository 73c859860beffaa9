using System.Net;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

/// <summary>Two resources whose deployments have the same name, as they well may. Which model it stands for is only in the configuration.</summary>
public sealed class ModelChoiceTests
{
    [Fact]
    public async Task An_alias_does_not_lead_to_another_model_whose_deployment_has_its_name()
    {
        await using var regions = await StartAsync(alias: "gpt-realtime");

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync());

        Assert.Equal([1, 0], regions.Mints);
    }

    [Fact]
    public async Task A_deployments_name_does_not_lead_to_a_model_that_the_profile_does_not_allow()
    {
        await using var regions = await StartAsync(alias: "small");

        Assert.Equal(HttpStatusCode.OK, await regions.MintAsync("""{"model":"gpt-realtime"}"""));

        Assert.Equal([1, 0], regions.Mints);
    }

    // The profile allows the model of the first alone; the second would come first.
    private static Task<Regions> StartAsync(string alias) => Regions.StartAsync(2, settings =>
    {
        settings.Set("Realtime:Profiles:assistant:Models", $"[ \"{alias}\" ]");
        Regions.Describe(settings, "one", "Model", alias);
        Regions.Describe(settings, "one", "Priority", "1");
        Regions.Describe(settings, "two", "Model", "large");
    });
}
