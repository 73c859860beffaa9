extern alias AzureSdk;

using Microsoft.Extensions.Logging.Abstractions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Tests.Credentials;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment;

public sealed class CredentialsDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "credentials.md"));

    [Theory]
    [InlineData(typeof(ApiKeyOptions), "Credentials:{name}:ApiKey")]
    [InlineData(typeof(EntraOptions), "Credentials:{name}:Entra")]
    [InlineData(typeof(SecretsOptions), "Secrets")]
    public void Every_setting_has_a_line(Type options, string section) => Assert.All(
        options.GetProperties().Where(property => property.CanWrite), property => Assert.Contains($"| `{section}:{property.Name}` |", Document, StringComparison.Ordinal));

    [Fact]
    public void The_default_scope_is_the_one_that_counts() =>
        Assert.Contains($"| `Credentials:{{name}}:Entra:Scope` | `{new EntraOptions().Scope}` |", Document, StringComparison.Ordinal);

    [Fact]
    public void Every_state_of_the_metric_is_named()
    {
        ICredential[] kinds =
        [
            new ApiKeyCredential("a", ["key"], previous: null, TimeProvider.System, NullLogger.Instance),
            new EntraCredential("b", new(), new ScriptedTokens(), TimeProvider.System, NullLogger.Instance),
        ];

        Assert.All(kinds.SelectMany(kind => kind.States), state => Assert.Contains($"`{state}`", Document, StringComparison.Ordinal));
    }

    [Fact]
    public void The_settings_that_it_shows_are_accepted()
    {
        Assert.Contains("""{ "default": { "Entra": { } } }""", Document, StringComparison.Ordinal);
        Assert.Contains("`https://cognitiveservices.azure.us/.default` and `https://login.microsoftonline.us`", Document, StringComparison.Ordinal);
        var faults = new ConfigurationFaults();

        Assert.NotNull(EntraSettings.Read("k", new(), faults));
        Assert.NotNull(EntraSettings.Read("k", new() { Scope = "https://cognitiveservices.azure.us/.default", AuthorityHost = "https://login.microsoftonline.us" }, faults));
        Assert.Empty(faults.List);
    }
}
