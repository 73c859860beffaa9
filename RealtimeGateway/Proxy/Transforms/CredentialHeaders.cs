using System.Collections.Frozen;
using RealtimeGateway.Credentials;

namespace RealtimeGateway.Proxy.Transforms;

/// <summary>Request headers in which a caller proves itself. None of them ever reaches a destination.</summary>
internal static class CredentialHeaders
{
    private static readonly FrozenSet<string> Names = new[]
    {
        "Authorization", "Proxy-Authorization", "Cookie", ApiKeyCredential.HeaderName, "x-api-key", "Ocp-Apim-Subscription-Key", "x-ms-client-principal",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Contains(string name) => Names.Contains(name);

    public static void RemoveFrom(HttpRequestMessage request)
    {
        foreach (var name in Names)
            request.Headers.Remove(name);
    }
}
