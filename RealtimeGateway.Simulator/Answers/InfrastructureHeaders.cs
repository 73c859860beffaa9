using Microsoft.AspNetCore.Http.Features;

namespace RealtimeGateway.Simulator.Answers;

/// <summary>
/// Puts on every answer what Azure's own infrastructure puts there: request ids, region, deployment, remaining quota, a cookie. None of it
/// is a client's business, so a gateway that lets one through shows. The reason phrase is a marker for the same purpose.
/// </summary>
internal sealed class InfrastructureHeaders(RequestDelegate next)
{
    private const string DeploymentHeader = "x-ms-deployment-name";

    private static readonly (string Name, string Value)[] Constant =
    [
        (DeploymentHeader, Telltales.Deployment),
        ("x-ms-region", Telltales.Region),
        ("x-ms-client-request-id", "Not-Set"),
        ("x-ms-rai-invoked", "true"),
        ("x-ratelimit-limit-requests", "200"),
        ("x-ratelimit-limit-tokens", "100000"),
        ("x-ratelimit-remaining-requests", "199"),
        ("x-ratelimit-remaining-tokens", "99000"),
        ("x-ratelimit-reset-requests", "1"),
        ("x-ratelimit-reset-tokens", "2"),
        ("azureml-model-session", Telltales.ModelSession),
        ("openai-model", Telltales.Model),
        ("openai-processing-ms", "42"),
        ("x-envoy-upstream-service-time", "43"),
        ("api-supported-versions", Telltales.Version),
        ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
        ("x-content-type-options", "nosniff"),
        ("access-control-allow-origin", "*"),
        ("set-cookie", $"__cf_bm={Telltales.Cookie}; path=/; HttpOnly"),
        ("cf-ray", Telltales.Ray),
    ];

    private static readonly string[] Ids = ["apim-request-id", "x-ms-request-id", "x-request-id", "request-id"];

    public static void NameDeployment(HttpContext http, string deployment) => http.Response.Headers[DeploymentHeader] = deployment;

    public Task InvokeAsync(HttpContext http)
    {
        foreach (var (name, value) in Constant) http.Response.Headers[name] = value;
        foreach (var name in Ids) http.Response.Headers[name] = Telltales.NewRequestId();
        http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = Telltales.ReasonPhrase;
        return next(http);
    }
}
