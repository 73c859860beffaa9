using RealtimeGateway.Configuration;

namespace RealtimeGateway.Credentials;

/// <summary>Reads every credential of section <c>Credentials</c> by name. A fault never shows a value.</summary>
internal static class CredentialReader
{
    /// <param name="configuration">The candidate.</param>
    /// <param name="previous">The credentials in force; one whose settings are unchanged goes on, with what it has learnt.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static IReadOnlyDictionary<string, ICredential> Read(
        IConfiguration configuration, IReadOnlyDictionary<string, ICredential> previous, ConfigurationFaults faults)
    {
        var credentials = new Dictionary<string, ICredential>(StringComparer.OrdinalIgnoreCase);
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
