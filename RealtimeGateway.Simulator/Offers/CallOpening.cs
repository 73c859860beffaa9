using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Minting;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Offers;

/// <summary>
/// Decides about an SDP exchange by what it brings: <c>application/sdp</c> with <c>Authorization: Bearer ek_…</c>, whose session was minted; or, on GA,
/// <c>multipart/form-data</c> with a standing credential and the parts <c>sdp</c> and <c>session</c>. Either credential with the other body is a wrong one.
/// </summary>
internal sealed class CallOpening(SimulatorOptions options, AcceptedCredentials credentials, EphemeralSecrets secrets)
{
    private readonly Rule _form = Rules.Members(
        new Member("sdp", Rules.Text, Required: true), new Member("session", ClientSecretRules.Minted(options), Required: true));

    /// <summary>The refusal, or the call to open.</summary>
    public Task<(AzureAnswer? Refusal, CallRequest? Request)> DecideAsync(HttpContext http, Surface surface) =>
        surface == Surface.Ga && IsOf(http.Request, "multipart/form-data") ? WithSessionAsync(http) : WithSecretAsync(http, surface);

    private async Task<(AzureAnswer?, CallRequest?)> WithSecretAsync(HttpContext http, Surface surface)
    {
        if (!secrets.TryFind(AcceptedCredentials.BearerOf(http.Request), out var secret)) return (AzureErrors.WrongToken, null);
        if (surface == Surface.Preview && http.Request.Query["model"] != secret.Deployment) return (AzureErrors.DeploymentNotFound, null);
        InfrastructureHeaders.NameDeployment(http, secret.Deployment);
        if (!IsOf(http.Request, "application/sdp")) return (AzureErrors.NotSdpContent, null);
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var sdp = await reader.ReadToEndAsync(http.RequestAborted);
        return (null, new(sdp, secret.Deployment, secret.Session, secret));
    }

    // Whether Azure takes this body is open; the specification has it, the how-to pages do not. Without a session nothing would name the deployment.
    private async Task<(AzureAnswer?, CallRequest?)> WithSessionAsync(HttpContext http)
    {
        if (credentials.Refusal(http.Request) is { } unauthorized) return (unauthorized, null);
        var (form, violation) = await FormParts.ReadAsync(http.Request, _form);
        if (violation is not null) return (AzureErrors.Refused(violation), null);
        var asked = form!["session"]!.AsObject();
        var deployment = asked["model"]!.GetValue<string>();
        if (!options.Deployments.Contains(deployment)) return (AzureErrors.DeploymentNotFound, null);
        InfrastructureHeaders.NameDeployment(http, deployment);
        return (null, new(form["sdp"]!.GetValue<string>(), deployment, SimulatedSession.Ga(asked), null));
    }

    private static bool IsOf(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);
}
