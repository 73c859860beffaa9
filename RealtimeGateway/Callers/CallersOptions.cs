using System.ComponentModel.DataAnnotations;

namespace RealtimeGateway.Callers;

/// <summary>Section <c>Callers</c>: who may use the gateway, and how they prove it. The schemes stand side by side.</summary>
internal sealed class CallersOptions
{
    public const string SectionName = "Callers";

    /// <summary>Lets everybody in who can reach the gateway. An open mint endpoint is an open bill.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>The secret that callers' names in logs are hashed with, the same on every replica; by default one of the process's own.</summary>
    public string? LogKey { get; set; }

    /// <summary>API keys of callers, by name.</summary>
    public Dictionary<string, ApiKeyCallerOptions> Keys { get; set; } = [];

    /// <summary>OpenID Connect issuers whose tokens count, by name.</summary>
    public Dictionary<string, JwtCallerOptions> Jwt { get; set; } = [];
}

/// <summary>Section <c>Callers:Keys:{name}</c>: a key that a caller holds, of which the gateway knows only the hash.</summary>
internal sealed class ApiKeyCallerOptions
{
    /// <summary>SHA-256 of the key, as 64 hexadecimal digits, with or without <c>sha256:</c> in front.</summary>
    public string? Hash { get; set; }

    /// <summary>Whose key it is. Keys of one owner are one caller, so that a key can be replaced while calls go on; by default every key is its own.</summary>
    public string? Owner { get; set; }

    /// <summary>The moment from which the key opens nothing; never by default.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>The only profiles that the key may use; without a list, what the profiles themselves admit.</summary>
    public List<string> Profiles { get; set; } = [];
}

/// <summary>Section <c>Callers:Jwt:{name}</c>: an OpenID Connect issuer whose access tokens count.</summary>
internal sealed class JwtCallerOptions
{
    /// <summary>The issuer's address, under which <c>/.well-known/openid-configuration</c> stands; https, loopback excepted.</summary>
    [Required]
    public string? Authority { get; set; }

    /// <summary>Values of <c>aud</c> that name this gateway.</summary>
    [MinLength(1)]
    public List<string> Audiences { get; set; } = [];

    /// <summary>Values of <c>iss</c> that count; by default the one that the issuer's own metadata name.</summary>
    public List<string> Issuers { get; set; } = [];

    /// <summary>Signature algorithms that count; by default all asymmetric ones of RSA and ECDSA with SHA-2.</summary>
    public List<string> Algorithms { get; set; } = [];

    /// <summary>How far two clocks may be apart, up to five minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim that says who the caller is. It must be stable and never given to anybody else.</summary>
    [MinLength(1, ErrorMessage = "must name a claim")]
    public string SubjectClaim { get; set; } = "sub";

    /// <summary>The claim that lists roles. (Scopes are read from <c>scp</c> and <c>scope</c>.)</summary>
    [MinLength(1, ErrorMessage = "must name a claim")]
    public string RolesClaim { get; set; } = "roles";
}
