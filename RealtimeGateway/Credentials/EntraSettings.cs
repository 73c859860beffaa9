using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Credentials;

/// <summary>Checks the settings of an identity. A fault never shows a value: it may be a secret in the wrong place.</summary>
internal static partial class EntraSettings
{
    /// <summary>The settings as they are meant, with nothing for what is empty; <c>null</c> when one of them is wrong.</summary>
    public static EntraOptions? Read(string key, EntraOptions options, ConfigurationFaults faults)
    {
        var settings = new EntraOptions
        {
            Scope = Trim(options.Scope) ?? new EntraOptions().Scope,
            TenantId = Trim(options.TenantId),
            ClientId = Trim(options.ClientId),
            AuthorityHost = Trim(options.AuthorityHost),
        };
        (string Name, bool IsGood, string Rule)[] rules =
        [
            (nameof(options.Scope), Scope().IsMatch(settings.Scope), "must be a resource and /.default, such as https://ai.azure.com/.default"),
            (nameof(options.TenantId), settings.TenantId is null || Tenant().IsMatch(settings.TenantId), "must be the id or the domain name of a tenant"),
            (nameof(options.ClientId), settings.ClientId is null || Guid.TryParseExact(settings.ClientId, "D", out _), "must be the client id (a GUID) of an identity"),
            (nameof(options.AuthorityHost), settings.AuthorityHost is null || IsAuthority(settings.AuthorityHost), "must be an https address, such as https://login.microsoftonline.us"),
        ];
        var broken = rules.Where(rule => !rule.IsGood).ToArray();
        foreach (var (name, _, rule) in broken)
            faults.Add($"{key}:{name}", rule);
        return broken.Length == 0 ? settings : null;
    }

    private static string? Trim(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static bool IsAuthority(string value) => Uri.TryCreate(value, UriKind.Absolute, out var url)
        && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/" && url.UserInfo.Length + url.Fragment.Length == 0;

    [GeneratedRegex(@"^[a-z]+://[!-~]+/\.default\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Scope();

    [GeneratedRegex(@"^[A-Za-z0-9.-]{1,253}\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Tenant();
}
