using System.Net;
using k8s.Models;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>The real program in what a pod gives it: the environment, the mounted settings and the mounted secrets.</summary>
public sealed class PodTests : IDisposable
{
    private readonly DirectoryInfo _volumes = Directory.CreateTempSubdirectory("realtime-gateway-pod-");

    [Fact]
    public async Task It_serves_and_its_probes_are_answered_where_they_ask()
    {
        var manifests = Manifests.Of("overlays/plain-secret");
        var management = new Uri(FreeAddress.Next());
        using var azure = new Azure();
        azure.Mints();
        var (key, hash) = CallersKey.New();
        var variables = Mount(manifests, new() { ["AZURE_OPENAI_API_KEY"] = Gateway.Key, ["Callers__Keys__web__Hash"] = hash });
        (variables["AZURE_OPENAI_ENDPOINT"], variables["Management__Port"]) = (azure.Url, $"{management.Port}");
        await using var gateway = await GatewayProcess.StartAsync(variables);
        using var operators = new HttpClient { BaseAddress = management };

        foreach (var probe in new[] { manifests.Container.StartupProbe, manifests.Container.LivenessProbe, manifests.Container.ReadinessProbe })
        {
            using var probed = await operators.GetAsync(probe.HttpGet.Path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, probed.StatusCode);
        }

        using var page = await gateway.Http.GetAsync("/", TestContext.Current.CancellationToken);
        gateway.Http.DefaultRequestHeaders.Add("x-api-key", key);
        using var mint = await gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (page.StatusCode, mint.StatusCode));
    }

    [Fact]
    public async Task Its_settings_are_good_with_an_identity_and_secrets_of_a_vault()
    {
        var manifests = Manifests.Of("overlays/workload-identity");
        var secrets = PodRules.SecretNames(manifests).ToDictionary(name => name, _ => "a-stand-in-of-some-length:6379");

        var result = await CommandProcess.RunAsync(Repository.Root, ["validate"], [.. Mount(manifests, secrets).Select(variable => (variable.Key, variable.Value))]);

        Assert.Equal((0, "The configuration is good."), (result.ExitCode, result.Output.Trim()));
    }

    public void Dispose() => _volumes.Delete(recursive: true);

    /// <summary>Writes what is mounted, and has the environment name where.</summary>
    private Dictionary<string, string> Mount(Manifests manifests, Dictionary<string, string> secrets)
    {
        var (settings, files) = (_volumes.CreateSubdirectory("settings"), _volumes.CreateSubdirectory("secrets"));
        foreach (var (name, text) in manifests.One<V1ConfigMap>().Data)
            File.WriteAllText(Path.Combine(settings.FullName, name), text);
        foreach (var (name, text) in secrets)
            File.WriteAllText(Path.Combine(files.FullName, name), text);
        return new(manifests.Environment)
        {
            ["ASPNETCORE_CONTENTROOT"] = settings.FullName,
            ["ASPNETCORE_WEBROOT"] = Path.Combine(Repository.Root, "wwwroot"),
            ["Secrets__Directory"] = files.FullName,
        };
    }
}
