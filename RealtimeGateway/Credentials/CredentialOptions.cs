namespace RealtimeGateway.Credentials;

/// <summary>Section <c>Credentials:{name}</c>: what proves the gateway to the destinations that name it. It is one of its members, not both.</summary>
internal sealed class CredentialOptions
{
    public const string SectionName = "Credentials";

    /// <summary>API keys of the resource, sent as the <c>api-key</c> header.</summary>
    public ApiKeyOptions? ApiKey { get; set; }

    /// <summary>An identity in Microsoft Entra ID, sent as a bearer token.</summary>
    public EntraOptions? Entra { get; set; }

    public override string ToString() => SectionName;
}

/// <summary>Section <c>Credentials:{name}:ApiKey</c>. Secrets.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>The key that is sent.</summary>
    public string? Primary { get; set; }

    /// <summary>The key that is sent once a destination has refused the primary.</summary>
    public string? Secondary { get; set; }

    public override string ToString() => nameof(CredentialOptions.ApiKey);
}

/// <summary>Section <c>Credentials:{name}:Entra</c>: workload identity, managed identity or, in Development, the developer's log-in.</summary>
internal sealed record EntraOptions
{
    /// <summary>What the token is for: a resource and <c>/.default</c>.</summary>
    public string Scope { get; set; } = "https://ai.azure.com/.default";

    /// <summary>The tenant of the identity; otherwise the environment's.</summary>
    public string? TenantId { get; set; }

    /// <summary>Which identity, when it is not the only one: client id of a user-assigned managed identity or of a workload identity.</summary>
    public string? ClientId { get; set; }

    /// <summary>Where a workload identity gets its token, in a sovereign cloud; otherwise the environment's, or the public cloud.</summary>
    public string? AuthorityHost { get; set; }

    public override string ToString() => nameof(CredentialOptions.Entra); // somebody may have put a secret into the wrong key
}
