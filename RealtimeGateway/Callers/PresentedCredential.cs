using Microsoft.Extensions.Primitives;

namespace RealtimeGateway.Callers;

/// <summary>
/// The credential that a request brings, in any of the forms that OpenAI's clients use: <c>Authorization: Bearer</c>, <c>x-api-key</c>,
/// <c>api-key</c>, or on an upgrade the WebSocket subprotocol <c>openai-insecure-api-key.*</c>, since a browser can set no header there.
/// </summary>
internal static class PresentedCredential
{
    private const string Bearer = "Bearer ";
    private const string Subprotocol = "openai-insecure-api-key.";

    private static readonly string[] KeyHeaders = ["x-api-key", "api-key"];

    /// <summary>Whether there is one, in whatever form and however wrong.</summary>
    public static bool IsOn(HttpRequest request)
    {
        var headers = request.Headers;
        return headers.Authorization.Count > 0 || headers.ContainsKey(KeyHeaders[0]) || headers.ContainsKey(KeyHeaders[1])
            || headers.SecWebSocketProtocol.ToString().Contains(Subprotocol, StringComparison.Ordinal);
    }

    /// <summary>Whether one begins like this, in whatever form.</summary>
    public static bool Begins(HttpRequest request, string beginning)
    {
        var headers = request.Headers;
        return BearerIn(headers.Authorization)?.StartsWith(beginning, StringComparison.Ordinal) is true
            || KeyBegins(headers[KeyHeaders[0]], beginning) || KeyBegins(headers[KeyHeaders[1]], beginning)
            || headers.SecWebSocketProtocol.ToString().Contains(Subprotocol + beginning, StringComparison.Ordinal);
    }

    /// <summary>
    /// Takes it off the request, so that nothing behind this step can pass it on, answer with it or log it. <c>null</c> when there is none; empty, which
    /// proves nobody, when it has no known form or two of them disagree.
    /// </summary>
    public static string? Take(HttpRequest request)
    {
        var headers = request.Headers;
        var found = BearerIn(headers.Authorization);
        headers.Authorization = default;
        foreach (var name in KeyHeaders)
        {
            if (headers.TryGetValue(name, out var value) && headers.Remove(name))
                found = Agree(found, value.Count == 1 ? value.ToString().Trim() : "");
        }

        return headers.SecWebSocketProtocol.Count == 0 ? found : TakeSubprotocol(request, found);
    }

    private static bool KeyBegins(StringValues key, string beginning) => key.ToString().AsSpan().Trim().StartsWith(beginning, StringComparison.Ordinal);

    private static string? BearerIn(StringValues authorization) => authorization.Count switch
    {
        0 => null,
        1 when authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) => authorization.ToString()[Bearer.Length..].Trim(),
        _ => "",
    };

    private static string? TakeSubprotocol(HttpRequest request, string? found)
    {
        var offered = request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        request.Headers.SecWebSocketProtocol = string.Join(", ", offered.Where(protocol => !protocol.StartsWith(Subprotocol, StringComparison.Ordinal)));
        if (!request.IsUpgrade())
            return found;
        foreach (var protocol in offered.Where(protocol => protocol.StartsWith(Subprotocol, StringComparison.Ordinal)))
            found = Agree(found, protocol[Subprotocol.Length..]);
        return found;
    }

    private static string Agree(string? one, string other) => one is null || one == other ? other : "";
}
