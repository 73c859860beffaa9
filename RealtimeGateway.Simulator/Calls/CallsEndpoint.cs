using System.Text;
using Microsoft.Net.Http.Headers;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Credentials;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>
/// <c>POST /openai/v1/realtime/calls</c> with an SDP offer and <c>Authorization: Bearer ek_…</c>: 401 for a secret that is unknown or
/// expired, 415 and 400 for anything but an offer, and 503 while no media peer is there to answer it.
/// </summary>
internal sealed class CallsEndpoint(EphemeralSecrets secrets)
{
    public async Task HandleAsync(HttpContext http) => await (await AnswerAsync(http)).WriteAsync(http);

    private async Task<AzureAnswer> AnswerAsync(HttpContext http)
    {
        if (http.Request.Query.ContainsKey("api-version")) return AzureErrors.ApiVersionNotAllowed;
        if (!secrets.TryFind(AcceptedCredentials.BearerOf(http.Request), out var secret)) return AzureErrors.WrongToken;
        InfrastructureHeaders.NameDeployment(http, secret.Deployment);
        if (!IsSdp(http.Request.ContentType)) return AzureErrors.NotSdpContent;
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var offer = await reader.ReadToEndAsync(http.RequestAborted);
        return offer.StartsWith("v=0", StringComparison.Ordinal) ? AzureErrors.NoMediaPeer : AzureErrors.NotSdp;
    }

    private static bool IsSdp(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) &&
        type.MediaType.Equals("application/sdp", StringComparison.OrdinalIgnoreCase);
}
