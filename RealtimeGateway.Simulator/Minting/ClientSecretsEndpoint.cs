using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>
/// <c>POST /openai/v1/realtime/client_secrets</c>, the GA mint: 200 with <c>value</c>, <c>expires_at</c> and the whole session; 400 for a
/// wrong body or an <c>api-version</c>, 401, and 404 for an unknown deployment.
/// </summary>
internal sealed class ClientSecretsEndpoint(SimulatorOptions options, AcceptedCredentials credentials, EphemeralSecrets secrets)
{
    private readonly Rule _rule = ClientSecretRules.For(options);

    public async Task HandleAsync(HttpContext http) => await (await AnswerAsync(http)).WriteAsync(http);

    private async Task<AzureAnswer> AnswerAsync(HttpContext http)
    {
        if (http.Request.Query.ContainsKey("api-version")) return AzureErrors.ApiVersionNotAllowed;
        if (credentials.Refusal(http.Request) is { } unauthorized) return unauthorized;
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, _rule);
        if (body is null) return refusal!;

        var asked = body["session"]!.AsObject();
        var deployment = asked["model"]!.GetValue<string>();
        if (!options.Deployments.Contains(deployment)) return AzureErrors.DeploymentNotFound;
        InfrastructureHeaders.NameDeployment(http, deployment);

        var seconds = body["expires_after"]?["seconds"]?.GetValue<int>() ?? ClientSecretRules.DefaultSeconds;
        var session = SimulatedSession.Ga(asked);
        var secret = secrets.Issue(deployment, session, TimeSpan.FromSeconds(seconds));
        return AzureAnswer.Json(200, new JsonObject
        {
            ["value"] = secret.Value,
            ["expires_at"] = secret.ExpiresAt.ToUnixTimeSeconds(),
            ["session"] = session.DeepClone(),
        });
    }
}
