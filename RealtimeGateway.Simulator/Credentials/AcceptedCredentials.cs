using RealtimeGateway.Simulator.Answers;

namespace RealtimeGateway.Simulator.Credentials;

/// <summary>
/// Checks who calls a server-side operation: <c>api-key</c>, or <c>Authorization: Bearer</c> with a key or a token. Azure answers a wrong
/// key and a wrong token in two different shapes. An ephemeral secret opens sessions only, so it is a wrong token here.
/// </summary>
internal sealed class AcceptedCredentials(SimulatorOptions options)
{
    private const string Scheme = "Bearer ";

    public static string? BearerOf(HttpRequest request)
    {
        var value = request.Headers.Authorization.ToString();
        return value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;
    }

    /// <summary>The 401 to answer, or null when the caller is known.</summary>
    public AzureAnswer? Refusal(HttpRequest request)
    {
        if (request.Headers.TryGetValue("api-key", out var key))
            return options.ApiKeys.Contains(key.ToString()) ? null : AzureErrors.WrongKey;
        var bearer = BearerOf(request);
        var known = bearer is not null && (options.ApiKeys.Contains(bearer) || options.BearerTokens.Contains(bearer));
        return known ? null : AzureErrors.WrongToken;
    }
}
