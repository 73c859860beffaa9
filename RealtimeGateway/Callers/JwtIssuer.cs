using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Callers;

/// <summary>Callers that bring an access token of one OpenID Connect issuer.</summary>
internal sealed class JwtIssuer
{
    // Asymmetric ones only: with a shared secret, whoever can check a token can make one.
    private static readonly string[] SafeAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    private readonly JwtCallerOptions _options;
    private readonly OidcMetadata _metadata;
    private readonly byte[] _logKey;

    private readonly TimeProvider _time;
    private Rules? _rules;

    private JwtIssuer(JwtCallerOptions options, OidcMetadata metadata, byte[] logKey, TimeProvider time) =>
        (_options, _metadata, _logKey, _time) = (options, metadata, logKey, time);

    /// <summary>The token's caller; <c>null</c> when the token is not good here.</summary>
    /// <exception cref="IssuerAwayException">The issuer has never been reached, so nobody can tell.</exception>
    public async ValueTask<Caller?> FindAsync(JsonWebToken token, CancellationToken cancellation)
    {
        var metadata = await _metadata.GetAsync(cancellation) ?? throw new IssuerAwayException();
        if (!IssuersOf(metadata).Contains(token.Issuer, StringComparer.Ordinal))
            return null;
        if (!HasKeyFor(token, metadata))
            metadata = await _metadata.RenewAsync(cancellation) ?? metadata;
        var result = await Handler.ValidateTokenAsync(token, RulesFor(metadata));
        return result.IsValid && token.TryGetPayloadValue<string>(_options.SubjectClaim, out var subject) && !string.IsNullOrEmpty(subject)
            ? new Caller($"jwt:{token.Issuer}|{subject}", [.. GrantsOf(token)], profiles: null, _logKey)
            : null;
    }

    private TokenValidationParameters RulesFor(OpenIdConnectConfiguration metadata)
    {
        var rules = Volatile.Read(ref _rules);
        if (rules?.Metadata != metadata)
            Volatile.Write(ref _rules, rules = new(metadata, Write(metadata)));
        return rules.Parameters;
    }

    private TokenValidationParameters Write(OpenIdConnectConfiguration metadata) => new()
    {
        ValidIssuers = IssuersOf(metadata),
        ValidAudiences = _options.Audiences,
        ValidAlgorithms = _options.Algorithms,
        IssuerSigningKeys = metadata.SigningKeys,
        LifetimeValidator = (from, until, _, _) => IsAlive(from, until, _time.GetUtcNow().UtcDateTime),
    };

    private bool IsAlive(DateTime? from, DateTime? until, DateTime now) =>
        until is { } end && now < end + _options.ClockSkew && (from is not { } begin || now >= begin - _options.ClockSkew);

    private IReadOnlyCollection<string> IssuersOf(OpenIdConnectConfiguration metadata) => _options.Issuers.Count > 0 ? _options.Issuers : [metadata.Issuer];

    // A token that names no key is tried with all of them, and makes nobody fetch any.
    private static bool HasKeyFor(JsonWebToken token, OpenIdConnectConfiguration metadata) =>
        string.IsNullOrEmpty(token.Kid) || metadata.SigningKeys.Any(key => key.KeyId == token.Kid);

    private IEnumerable<string> GrantsOf(JsonWebToken token)
    {
        foreach (var claim in token.Claims)
        {
            if (claim.Type == _options.RolesClaim)
                yield return $"role:{claim.Value}";
            else if (claim.Type is "scp" or "scope")
                foreach (var scope in claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    yield return $"scope:{scope}";
        }
    }

    public static JwtIssuer? Read(string name, JwtCallerOptions options, OidcMetadataCache metadata, byte[] logKey, ConfigurationFaults faults)
    {
        var setting = $"{CallersOptions.SectionName}:Jwt:{name}";
        foreach (var other in options.Algorithms.Except(SafeAlgorithms, StringComparer.Ordinal))
            faults.Add($"{setting}:{nameof(options.Algorithms)}", other, $"must be one of {string.Join(", ", SafeAlgorithms)}");
        if (options.Algorithms.Count == 0)
            options.Algorithms = [.. SafeAlgorithms];
        if (string.IsNullOrEmpty(options.Authority))
            return null;
        if (Uri.TryCreate(options.Authority, UriKind.Absolute, out var url) && url is { UserInfo: "", Query: "", Fragment: "" }
            && (url.Scheme is "https" || (url.Scheme is "http" && url.IsLoopback)))
            return new(options, metadata.Of(url.AbsoluteUri), logKey, metadata.Time);
        faults.Add($"{setting}:{nameof(options.Authority)}", options.Authority, "must be an absolute https address; http is for loopback addresses only");
        return null;
    }

    /// <summary>What a token is checked against, written once for every set of signing keys.</summary>
    private sealed record Rules(OpenIdConnectConfiguration Metadata, TokenValidationParameters Parameters);
}

/// <summary>A token cannot be judged, because its issuer's keys have never been seen.</summary>
internal sealed class IssuerAwayException : Exception;
