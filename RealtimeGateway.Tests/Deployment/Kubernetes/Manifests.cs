using System.Collections.Concurrent;
using System.Diagnostics;
using k8s;
using k8s.Models;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>What <c>kubectl apply -k</c> would send to a cluster, read strictly into the types of Kubernetes: an unknown member, a wrong type or an unknown kind throws.</summary>
internal sealed class Manifests
{
    private static readonly Dictionary<string, Type> Custom = new()
    {
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
        ["secrets-store.csi.x-k8s.io/v1/SecretProviderClass"] = typeof(SecretProviderClass),
    };

    private static readonly ConcurrentDictionary<string, string> Rendered = new();

    private readonly IReadOnlyList<IMetadata<V1ObjectMeta>> _all;

    private Manifests(string yaml) => _all = [.. KubernetesYaml.LoadAllFromString(yaml, Custom, strict: true).Cast<IMetadata<V1ObjectMeta>>()];

    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "kubernetes");

    public V1PodTemplateSpec Pod => One<V1Deployment>().Spec.Template;

    public V1Container Container => Assert.Single(Pod.Spec.Containers);

    public IReadOnlyDictionary<string, string> Environment => Container.Env.ToDictionary(variable => variable.Name, variable => variable.Value);

    public static Manifests Of(string kustomization) => Parse(Render(kustomization));

    public static Manifests Parse(string yaml) => new(yaml);

    /// <summary>The YAML of a kustomization by its folder; a file that it names and that is not there throws.</summary>
    public static string Render(string kustomization) => Rendered.GetOrAdd(kustomization, static folder =>
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", Path.Combine(Folder, folder)]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var kubectl = Process.Start(start)!;
        var error = kubectl.StandardError.ReadToEndAsync();
        var yaml = kubectl.StandardOutput.ReadToEnd();
        kubectl.WaitForExit();
        Assert.True(kubectl.ExitCode == 0, error.Result);
        return yaml;
    });

    public IEnumerable<T> All<T>() => _all.OfType<T>();

    public T One<T>() => Assert.Single(All<T>());

    public T? Find<T>(string name)
        where T : class, IMetadata<V1ObjectMeta> => All<T>().SingleOrDefault(resource => resource.Metadata.Name == name);

    /// <summary>All of them that live in a namespace.</summary>
    public IEnumerable<IMetadata<V1ObjectMeta>> Namespaced => _all.Where(resource => resource is not V1Namespace);
}
