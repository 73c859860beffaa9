using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>
/// <c>POST /openai/realtimeapi/sessions?api-version=yyyy-MM-dd-preview</c>, the preview mint: 200 with the flat session and
/// <c>client_secret</c>. Without such a version the front door knows no such resource (404).
/// </summary>
internal sealed class PreviewSessionsEndpoint(SimulatorOptions options, AcceptedCredentials credentials, EphemeralSecrets secrets)
{
    private readonly Rule _rule = PreviewSessionRules.For(options);

    public async Task HandleAsync(HttpContext http) => await (await AnswerAsync(http)).WriteAsync(http);

    private async Task<AzureAnswer> AnswerAsync(HttpContext http)
    {
        if (!PreviewVersion.IsIn(http.Request.Query)) return AzureErrors.ResourceNotFound;
        if (credentials.Refusal(http.Request) is { } unauthorized) return unauthorized;
        var (asked, refusal) = await JsonBody.ReadAsync(http.Request, _rule);
        if (asked is null) return refusal!;

        var deployment = asked["model"]!.GetValue<string>();
        if (!options.Deployments.Contains(deployment)) return AzureErrors.DeploymentNotFound;
        InfrastructureHeaders.NameDeployment(http, deployment);

        var session = SimulatedSession.Preview(asked);
        var secret = secrets.Issue(deployment, session, TimeSpan.FromSeconds(options.PreviewSecretSeconds));
        var answer = session.DeepClone().AsObject();
        answer["client_secret"] = new JsonObject
        {
            ["value"] = secret.Value,
            ["expires_at"] = secret.ExpiresAt.ToUnixTimeSeconds(),
        };
        return AzureAnswer.Json(200, answer);
    }
}
