extern alias AzureSdk;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;

namespace RealtimeGateway.Tests.Credentials;

public sealed class CredentialReaderTests
{
    private const string Secret = "a-value-that-nobody-may-see";

    private static readonly Dictionary<string, ICredential> None = [];

    private readonly List<EntraOptions> _asked = [];
    private readonly CredentialReader _reader;

    public CredentialReaderTests() => _reader = new(
        settings =>
        {
            _asked.Add(settings);
            return new ScriptedTokens();
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    [Theory]
    [InlineData("Credentials:west:ApiKey:Secondary", "second", "Credentials:west:ApiKey:Primary: is required")]
    [InlineData("Credentials:west:ApiKey:Primary", " ", "Credentials:west:ApiKey:Primary: is required")]
    [InlineData("Credentials:west:ApiKey:Primary", "a\nb", "Credentials:west:ApiKey:Primary: has characters that no header can carry")]
    [InlineData("Credentials:west:ApiKey:Primary", "schlüssel", "Credentials:west:ApiKey:Primary: has characters that no header can carry")]
    [InlineData("Credentials:west", "", "Credentials:west: needs ApiKey:Primary or Entra")]
    [InlineData("Credentials:west:ApiKeys:Primary", Secret, "Credentials:west:ApiKeys: is not a known key; known here: ApiKey, Entra|Credentials:west: needs ApiKey:Primary or Entra")]
    [InlineData("Credentials:west:ApiKey", Secret, "Credentials:west:ApiKey: must be a group of keys, not one value|Credentials:west:ApiKey:Primary: is required")]
    [InlineData("Credentials:west:Entra:Scope", Secret, "Credentials:west:Entra:Scope: must be a resource and /.default, such as https://ai.azure.com/.default")]
    [InlineData("Credentials:west:Entra:TenantId", Secret + "/", "Credentials:west:Entra:TenantId: must be the id or the domain name of a tenant")]
    [InlineData("Credentials:west:Entra:ClientId", Secret, "Credentials:west:Entra:ClientId: must be the client id (a GUID) of an identity")]
    [InlineData("Credentials:west:Entra:AuthorityHost", "http://login.example", "Credentials:west:Entra:AuthorityHost: must be an https address, such as https://login.microsoftonline.us")]
    [InlineData("Credentials:west:Entra:AuthorityHost", "https://user:" + Secret + "@login.example", "Credentials:west:Entra:AuthorityHost: must be an https address, such as https://login.microsoftonline.us")]
    [InlineData("Credentials:west:Entra:ClientSecret", Secret, "Credentials:west:Entra:ClientSecret: is not a known key; known here: Scope, TenantId, ClientId, AuthorityHost")]
    public void A_mistake_is_named_by_key_and_rule_and_never_with_the_value(string key, string value, string expected)
    {
        var faults = new ConfigurationFaults();
        _reader.Read(Settings((key, value)), None, faults);

        Assert.Equal(expected.Split('|'), faults.List.Select(fault => fault.ToString()));
    }

    [Fact]
    public void Two_kinds_at_once_are_a_mistake()
    {
        var faults = new ConfigurationFaults();
        _reader.Read(Settings(("Credentials:west:ApiKey:Primary", Secret), ("Credentials:west:Entra:Scope", "https://ai.azure.com/.default")), None, faults);

        Assert.Equal("Credentials:west: has both ApiKey and Entra; keep one of them", Assert.Single(faults.List).ToString());
    }

    [Fact]
    public async Task Values_are_trimmed_and_the_same_value_twice_is_one_key()
    {
        var credential = Read(("Credentials:west:ApiKey:Primary", " key\n"), ("Credentials:west:ApiKey:Secondary", "key"));
        var proof = await credential.CurrentAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("api-key", "key"), proof.Sent());
        Assert.False(credential.TryTurnFrom(proof));
    }

    [Fact]
    public void A_credential_whose_settings_are_unchanged_is_the_same_one_after_a_reload()
    {
        var keys = Read(("Credentials:west:ApiKey:Primary", "first"), ("Credentials:west:ApiKey:Secondary", "second"));
        var identity = Read(("Credentials:west:Entra:ClientId", "00000000-0000-0000-0000-000000000001"));

        Assert.Same(keys, Read(keys, ("Credentials:west:ApiKey:Primary", "first\n"), ("Credentials:west:ApiKey:Secondary", "second")));
        Assert.NotSame(keys, Read(keys, ("Credentials:west:ApiKey:Primary", "first"), ("Credentials:west:ApiKey:Secondary", "third")));
        Assert.NotSame(keys, Read(keys, ("Credentials:west:ApiKey:Primary", "second"), ("Credentials:west:ApiKey:Secondary", "first")));
        Assert.NotSame(keys, Read(keys, ("Credentials:west:ApiKey:Primary", "first")));
        Assert.Same(identity, Read(identity, ("Credentials:west:Entra:ClientId", " 00000000-0000-0000-0000-000000000001 "), ("Credentials:west:Entra:TenantId", "")));
        Assert.NotSame(identity, Read(identity, ("Credentials:west:Entra:ClientId", "00000000-0000-0000-0000-000000000002")));
    }

    [Fact]
    public async Task Another_kind_under_the_same_name_begins_afresh()
    {
        var keys = Read(("Credentials:west:ApiKey:Primary", "first"));
        keys.TryTurnFrom(await keys.CurrentAsync(TestContext.Current.CancellationToken));

        Assert.IsType<EntraCredential>(Read(keys, ("Credentials:west:Entra", "")));
    }

    [Fact]
    public void Equal_identities_share_one_source_of_tokens_whatever_the_scope_and_however_often_they_are_read()
    {
        for (var reload = 0; reload < 3; reload++)
        {
            Read(("Credentials:west:Entra:TenantId", "contoso.example"));
            Read(("Credentials:west:Entra:TenantId", "contoso.example"), ("Credentials:west:Entra:Scope", "https://cognitiveservices.azure.com/.default"));
            Read(("Credentials:west:Entra", ""));
        }

        Assert.Equal(["contoso.example", null], _asked.Select(settings => settings.TenantId));
    }

    [Fact]
    public void The_scope_is_that_of_Azure_AI_unless_it_is_set() =>
        Assert.Equal("https://ai.azure.com/.default", Assert.IsType<EntraCredential>(Read(("Credentials:west:Entra", ""))).Settings.Scope);

    private ICredential Read(params (string Key, string Value)[] settings) => Read(previous: null, settings);

    private ICredential Read(ICredential? previous, params (string Key, string Value)[] settings)
    {
        var faults = new ConfigurationFaults();
        var credentials = _reader.Read(Settings(settings), previous is null ? None : new Dictionary<string, ICredential> { ["west"] = previous }, faults);
        Assert.Empty(faults.List);
        return credentials["west"];
    }

    private static IConfigurationRoot Settings(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
}
