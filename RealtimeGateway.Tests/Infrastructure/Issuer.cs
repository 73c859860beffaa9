using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>An OpenID Connect issuer on loopback: it signs tokens, changes its key, counts who asks for its keys, and can be away.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    public const string Audience = "api://gateway";

    private static readonly RSA Foreign = RSA.Create(2048);

    private ScriptedUpstream _server = null!;
    private RsaSecurityKey _key = NewKey();
    private int _fetches;

    public string Url => _server.Url;

    /// <summary>How often somebody asked for the signing keys.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>The names of all headers that it was asked with.</summary>
    public IReadOnlyList<string> Headers { get; private set; } = [];

    public bool IsAway { get; set; }

    /// <summary>The public half of the signing key, which everybody knows.</summary>
    public byte[] PublicKey => _key.Rsa.ExportSubjectPublicKeyInfo();

    public string KeyId => _key.KeyId;

    public static async Task<Issuer> StartAsync()
    {
        var issuer = new Issuer();
        issuer._server = await ScriptedUpstream.StartAsync(issuer.AnswerAsync);
        return issuer;
    }

    public void Rotate() => _key = NewKey();

    /// <summary>An access token as <paramref name="change"/> wants it; good for five minutes from <paramref name="now"/> otherwise.</summary>
    public string Token(DateTimeOffset now, string subject = "ada", Action<SecurityTokenDescriptor>? change = null, params (string Name, object Value)[] claims)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = Audience,
            NotBefore = now.UtcDateTime,
            IssuedAt = now.UtcDateTime,
            Expires = now.UtcDateTime.AddMinutes(5),
            Claims = claims.Append(("sub", subject)).ToDictionary(claim => claim.Item1, claim => claim.Item2),
            SigningCredentials = new(_key, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    /// <summary>The settings that make its tokens count.</summary>
    public Dictionary<string, string?> Settings() => new()
    {
        ["Callers:Jwt:test:Authority"] = Url,
        ["Callers:Jwt:test:Audiences:0"] = Audience,
    };

    /// <summary>A key that is not the issuer's, under a name that nobody has heard.</summary>
    public static RsaSecurityKey ForeignKey() => new(Foreign) { KeyId = Guid.NewGuid().ToString("n") };

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("n") };

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        Headers = [.. Headers.Union(context.Request.Headers.Keys)];
        if (IsAway)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        if (context.Request.Path == "/.well-known/openid-configuration")
            return context.Response.WriteAsJsonAsync(new { issuer = Url, jwks_uri = $"{Url}/keys" });
        Interlocked.Increment(ref _fetches);
        var key = _key.Rsa.ExportParameters(includePrivateParameters: false);
        return context.Response.WriteAsJsonAsync(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", kid = _key.KeyId, n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } },
        });
    }
}
