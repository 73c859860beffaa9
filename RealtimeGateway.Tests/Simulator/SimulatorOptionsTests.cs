using Microsoft.Extensions.Configuration;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Tests.Simulator;

public class SimulatorOptionsTests
{
    [Fact]
    public void Without_configuration_the_defaults_count()
    {
        var options = SimulatorOptions.From(Section());

        Assert.Equal("http://localhost:8001", options.Url);
        Assert.Null(options.Listen);
        Assert.Equal(["simulator-key"], options.ApiKeys);
        Assert.Empty(options.BearerTokens);
        Assert.Equal(["gpt-realtime", "gpt-realtime-mini"], options.Deployments);
        Assert.Equal(60, options.PreviewSecretSeconds);
        Assert.Equal(3600, options.SessionSeconds);
        Assert.False(options.CannedAnswers);
    }

    [Fact]
    public void A_configured_list_replaces_the_default_one()
    {
        var options = SimulatorOptions.From(Section(
            ("Url", "http://127.0.0.1:9001"), ("Listen", "http://*:9001"), ("ApiKeys:0", "mine"), ("BearerTokens:0", "token"), ("Deployments:0", "a"), ("Deployments:1", "b"),
            ("PreviewSecretSeconds", "5"), ("SessionSeconds", "90"), ("CannedAnswers", "true")));

        Assert.Equal("http://127.0.0.1:9001", options.Url);
        Assert.Equal("http://*:9001", options.Listen);
        Assert.Equal(["mine"], options.ApiKeys);
        Assert.Equal(["token"], options.BearerTokens);
        Assert.Equal(["a", "b"], options.Deployments);
        Assert.Equal(5, options.PreviewSecretSeconds);
        Assert.Equal(90, options.SessionSeconds);
        Assert.True(options.CannedAnswers);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0")]
    [InlineData("-1")]
    public void A_life_that_is_no_number_of_seconds_is_an_error_that_names_the_key(string value)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => SimulatorOptions.From(Section(("PreviewSecretSeconds", value))));

        Assert.Contains("Simulator:PreviewSecretSeconds", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_switch_that_is_neither_on_nor_off_is_an_error_that_names_the_key()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => SimulatorOptions.From(Section(("CannedAnswers", "yes"))));

        Assert.Contains("Simulator:CannedAnswers is 'yes'; true or false", failure.Message, StringComparison.Ordinal);
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create<string, string?>($"Simulator:{pair.Key}", pair.Value)))
        .Build().GetSection(SimulatorOptions.SectionName);
}
