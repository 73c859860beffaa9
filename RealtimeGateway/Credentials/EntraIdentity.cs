using Azure.Core;
using Azure.Identity;

namespace RealtimeGateway.Credentials;

/// <summary>
/// The ways to be somebody in Microsoft Entra ID, in order: a workload identity where the environment has one (Kubernetes), in Development
/// the developer's <c>az login</c>, the managed identity of the machine. No other way is tried.
/// </summary>
internal static class EntraIdentity
{
    /// <summary>One request to an endpoint that is away takes no longer; <see cref="EntraCredential"/> asks again by itself.</summary>
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(10);

    public static TokenCredential Create(EntraOptions settings, bool isDevelopment) => new ChainedTokenCredential([.. Ways(settings, isDevelopment)]);

    internal static IEnumerable<TokenCredential> Ways(EntraOptions settings, bool isDevelopment)
    {
        yield return new WorkloadIdentityCredential(Workload(settings));
        if (isDevelopment)
            yield return new AzureCliCredential(new AzureCliCredentialOptions { TenantId = settings.TenantId });
        yield return new ManagedIdentityCredential(Patient(new ManagedIdentityCredentialOptions(
            settings.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned)));
    }

    // What is not set comes from the environment, as the platform gives it: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE, AZURE_AUTHORITY_HOST.
    private static WorkloadIdentityCredentialOptions Workload(EntraOptions settings)
    {
        var options = Patient(new WorkloadIdentityCredentialOptions());
        options.TenantId = settings.TenantId ?? options.TenantId;
        options.ClientId = settings.ClientId ?? options.ClientId;
        if (settings.AuthorityHost is not { } authority)
            return options;
        options.AuthorityHost = new Uri(authority);
        options.DisableInstanceDiscovery = true; // the operator names it, so the public cloud need not vouch for it
        return options;
    }

    private static T Patient<T>(T options)
        where T : TokenCredentialOptions
    {
        options.Retry.MaxRetries = 1;
        options.Retry.NetworkTimeout = NetworkTimeout;
        return options;
    }
}
