using System.Collections.Concurrent;
using Azure.Core;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Credentials;

/// <summary>Makes what asks for the tokens of an identity.</summary>
internal delegate TokenCredential TokenSourceFactory(EntraOptions settings);

/// <summary>Reads every credential of section <c>Credentials</c> by name. A fault never shows a value.</summary>
internal sealed class CredentialReader(TokenSourceFactory sources, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<EntraOptions, TokenCredential> _sources = new();

    /// <param name="configuration">The candidate.</param>
    /// <param name="previous">The credentials in force; one whose settings are unchanged goes on, with what it has learnt.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public IReadOnlyDictionary<string, ICredential> Read(
        IConfiguration configuration, IReadOnlyDictionary<string, ICredential> previous, ConfigurationFaults faults)
    {
        var credentials = new Dictionary<string, ICredential>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, options) in SectionReader.ReadNamed<CredentialOptions>(configuration.GetSection(CredentialOptions.SectionName), faults))
        {
            if (Read(name, options, previous.GetValueOrDefault(name), faults) is { } credential)
                credentials[name] = credential;
        }

        return credentials;
    }

    private ICredential? Read(string name, CredentialOptions options, ICredential? previous, ConfigurationFaults faults)
    {
        var key = $"{CredentialOptions.SectionName}:{name}";
        switch (options)
        {
            case { ApiKey: { } keys, Entra: null }:
                return ReadKeys(name, $"{key}:{nameof(options.ApiKey)}", keys, previous as ApiKeyCredential, faults);
            case { ApiKey: null, Entra: { } identity }:
                return ReadIdentity(name, $"{key}:{nameof(options.Entra)}", identity, previous as EntraCredential, faults);
            case { ApiKey: null }:
                faults.Add(key, "needs ApiKey:Primary or Entra");
                return null;
            default:
                faults.Add(key, "has both ApiKey and Entra; keep one of them");
                return null;
        }
    }

    private ApiKeyCredential? ReadKeys(string name, string key, ApiKeyOptions options, ApiKeyCredential? previous, ConfigurationFaults faults)
    {
        string[] values = [.. new[] { options.Primary, options.Secondary }.Select(value => value?.Trim()).Where(value => !string.IsNullOrEmpty(value)).OfType<string>().Distinct()];
        if (string.IsNullOrWhiteSpace(options.Primary))
            faults.Add($"{key}:{nameof(options.Primary)}", "is required");
        foreach (var (member, value) in new[] { (nameof(options.Primary), options.Primary), (nameof(options.Secondary), options.Secondary) })
        {
            if (value is not null && !Proof.CanCarry(value.Trim()))
                faults.Add($"{key}:{member}", "has characters that no header can carry");
        }

        if (values.Length == 0 || !values.All(Proof.CanCarry))
            return null;
        return previous?.Has(values) is true ? previous : new(name, values, previous, time, loggers.CreateLogger<ApiKeyCredential>());
    }

    private EntraCredential? ReadIdentity(string name, string key, EntraOptions options, EntraCredential? previous, ConfigurationFaults faults)
    {
        if (EntraSettings.Read(key, options, faults) is not { } settings)
            return null;
        if (settings == previous?.Settings)
            return previous;
        var source = _sources.GetOrAdd(settings with { Scope = "" }, (identity, create) => create(identity), sources);
        return new(name, settings, source, time, loggers.CreateLogger<EntraCredential>());
    }
}
