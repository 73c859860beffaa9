using System.Diagnostics;
using System.Net.Http.Headers;
using RealtimeGateway.Configuration;

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

/// <summary>An API key as a destination's credential. The key itself can only be put on a request.</summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class ApiKeyCredential(string name, string key)
{
    public const string HeaderName = "api-key";

    public void Authorize(HttpRequestHeaders headers) => headers.TryAddWithoutValidation(HeaderName, key);

    public override string ToString() => $"{name}: ***";

    /// <summary>Reads every credential of the section by name. A fault never shows a value.</summary>
    public static Dictionary<string, ApiKeyCredential> Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var credentials = new Dictionary<string, ApiKeyCredential>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, options) in SectionReader.ReadNamed<CredentialOptions>(configuration.GetSection(CredentialOptions.SectionName), faults))
        {
            var key = options.ApiKey?.Primary?.Trim();
            if (string.IsNullOrEmpty(key))
                faults.Add($"{CredentialOptions.SectionName}:{name}:ApiKey:Primary", "is required");
            else if (!key.All(char.IsAscii) || key.Any(char.IsControl))
                faults.Add($"{CredentialOptions.SectionName}:{name}:ApiKey:Primary", "has characters that no header can carry");
            else
                credentials[name] = new ApiKeyCredential(name, key);
        }

        return credentials;
    }
}
