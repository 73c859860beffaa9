namespace RealtimeGateway.Credentials;

/// <summary>Section <c>Credentials:{name}</c>: what proves the gateway to the destinations that name it.</summary>
internal sealed class CredentialOptions
{
    public const string SectionName = "Credentials";

    /// <summary>An API key of the resource, sent as the <c>api-key</c> header.</summary>
    public ApiKeyOptions? ApiKey { get; set; }
}

/// <summary>Section <c>Credentials:{name}:ApiKey</c>.</summary>
internal sealed class ApiKeyOptions
{
    public string? Primary { get; set; }
}
