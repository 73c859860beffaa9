using System.Diagnostics.CodeAnalysis;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace RealtimeGateway.Callers;

/// <summary>Tells a JSON Web Token from any other text.</summary>
internal static class AccessToken
{
    // More than headers can carry anyway.
    private const int MaxLength = 32 * 1024;

    /// <summary>Reads it without believing a word of it.</summary>
    public static bool TryRead(string credential, [NotNullWhen(true)] out JsonWebToken? token)
    {
        token = null;
        if (credential.Length > MaxLength || credential.AsSpan().Count('.') != 2)
            return false;
        try
        {
            token = new JsonWebToken(credential);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return false;
        }
    }
}
