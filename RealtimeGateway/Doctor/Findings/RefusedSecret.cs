using System.Security.Cryptography;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>What a page is answered that posts its offer with a secret which does not count, and whether it may read that answer.</summary>
internal static class RefusedSecret
{
    private const string Origin = "https://page.example";

    public static async Task<IReadOnlyList<Finding>> AskAsync(Resource resource, BegunCalls calls, CancellationToken cancellation)
    {
        using var request = calls.Watch(CallCheck.NewOffer());
        request.Headers.TryAddWithoutValidation("Origin", Origin);
        var secret = new EphemeralSecret($"ek_{RandomNumberGenerator.GetHexString(32, lowercase: true)}", ExpiresAt: 0);
        using var response = await resource.AskAsync(request, CallCheck.Path, QueryString.Empty, new() { Secret = secret.AsProof() }, cancellation);
        if (response.IsSuccessStatusCode)
            calls.Begin(response);
        using var preflight = await PreflightAsync(resource, cancellation);
        return
        [
            new("refused_secret", $"one that was never minted: {await ErrorShape.ReadAsync(response, cancellation)}"),
            new("cors_on_calls", $"preflight {(int)preflight.StatusCode}, origins: {OriginsOf(preflight)}, methods: {AnswerHeaders.Words(preflight, "Access-Control-Allow-Methods")}"
                + $", headers: {AnswerHeaders.Words(preflight, "Access-Control-Allow-Headers")}; the answer to POST, origins: {OriginsOf(response)}"
                + $", exposes: {AnswerHeaders.Words(response, "Access-Control-Expose-Headers")}"),
        ];
    }

    private static async Task<HttpResponseMessage> PreflightAsync(Resource resource, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage { Method = HttpMethod.Options };
        request.Headers.TryAddWithoutValidation("Origin", Origin);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "authorization, content-type");
        return await resource.AskBareAsync(request, CallCheck.Path, cancellation);
    }

    private static string OriginsOf(HttpResponseMessage response) =>
        !response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? "none" : Describe(values.First());

    private static string Describe(string origin) => origin switch { "*" => "any", Origin => "the one that asks", _ => "another one" };
}
