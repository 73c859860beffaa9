extern alias AzureSdk;

using AzureSdk::Azure.Core;
using AzureSdk::Azure.Identity;
using RealtimeGateway.Credentials;

namespace RealtimeGateway.Tests.Credentials;

public sealed class EntraIdentityTests
{
    private static readonly EntraOptions Full = new()
    {
        TenantId = "contoso.example",
        ClientId = "00000000-0000-0000-0000-000000000001",
        AuthorityHost = "https://login.microsoftonline.us",
    };

    public static TheoryData<string, object> Settings => new()
    {
        { "nothing", new EntraOptions() },
        { "tenant", new EntraOptions { TenantId = Full.TenantId } },
        { "client", new EntraOptions { ClientId = Full.ClientId } },
        { "authority", new EntraOptions { AuthorityHost = Full.AuthorityHost } },
        { "everything", Full },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_makes_the_real_chain(string what, object settings)
    {
        Assert.NotEmpty(what);
        Assert.Equal([typeof(WorkloadIdentityCredential), typeof(ManagedIdentityCredential)], Ways(settings, isDevelopment: false));
        Assert.IsType<ChainedTokenCredential>(EntraIdentity.Create((EntraOptions)settings, isDevelopment: false));
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void The_developers_login_counts_in_Development_alone(string what, object settings)
    {
        Assert.NotEmpty(what);
        Assert.Equal(
            [typeof(WorkloadIdentityCredential), typeof(AzureCliCredential), typeof(ManagedIdentityCredential)],
            Ways(settings, isDevelopment: true));
    }

    private static IEnumerable<Type> Ways(object settings, bool isDevelopment) =>
        EntraIdentity.Ways((EntraOptions)settings, isDevelopment).Select(way => way.GetType());
}
