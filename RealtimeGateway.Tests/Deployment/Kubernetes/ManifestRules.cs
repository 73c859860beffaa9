using k8s.Models;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>What must hold between the manifests, and between them and the gateway. Each rule says what is wrong in a sentence.</summary>
internal static class ManifestRules
{
    public static IReadOnlyList<string> Faults(Manifests manifests, string version, IReadOnlyList<int> exposed, TimeSpan longestRequest) =>
    [
        .. Names(manifests), .. Selectors(manifests), .. Replicas(manifests), .. Images(manifests, version),
        .. NetworkRules.Faults(manifests, exposed), .. PodRules.Faults(manifests, longestRequest),
    ];

    public static bool Select(IDictionary<string, string>? selector, IDictionary<string, string>? labels) =>
        selector is { Count: > 0 } && labels is not null && selector.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static IEnumerable<string> Names(Manifests manifests)
    {
        var home = manifests.One<V1Namespace>().Metadata.Name;
        return manifests.Namespaced.Where(resource => resource.Metadata.NamespaceProperty != home)
            .Select(resource => $"{resource.GetType().Name} {resource.Metadata.Name} is not in namespace {home}");
    }

    private static IEnumerable<string> Selectors(Manifests manifests)
    {
        var all = manifests.All<V1Service>().Select(service => ($"Service {service.Metadata.Name}", service.Spec.Selector))
            .Append(("Deployment", manifests.One<V1Deployment>().Spec.Selector.MatchLabels))
            .Append(("PodDisruptionBudget", manifests.One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels))
            .Append(("NetworkPolicy", manifests.One<V1NetworkPolicy>().Spec.PodSelector.MatchLabels))
            .Concat(manifests.Pod.Spec.TopologySpreadConstraints.Select(spread => ($"Spread over {spread.TopologyKey}", spread.LabelSelector.MatchLabels)));
        return all.Where(selector => !Select(selector.Item2, manifests.Pod.Metadata.Labels)).Select(selector => $"{selector.Item1} does not select the pods");
    }

    private static IEnumerable<string> Replicas(Manifests manifests)
    {
        var (scaler, deployment) = (manifests.One<V2HorizontalPodAutoscaler>().Spec, manifests.One<V1Deployment>());
        if ((scaler.ScaleTargetRef.ApiVersion, scaler.ScaleTargetRef.Kind, scaler.ScaleTargetRef.Name) != ("apps/v1", "Deployment", deployment.Metadata.Name))
            yield return "The autoscaler scales nothing";
        if (deployment.Spec.Replicas is not null)
            yield return "Every apply would undo what the autoscaler did";
        if (scaler.MinReplicas is not >= 2 || scaler.MaxReplicas <= scaler.MinReplicas || manifests.One<V1PodDisruptionBudget>().Spec.MaxUnavailable?.Value != "1")
            yield return "A drained node may take every replica with it";
        if (deployment.Spec.Strategy.RollingUpdate is not { MaxUnavailable.Value: "0" })
            yield return "A rollout takes replicas away before it brings others";
    }

    private static IEnumerable<string> Images(Manifests manifests, string version)
    {
        var image = manifests.Container.Image.Split('/')[^1];
        if (image != $"realtime-gateway:{version}")
            yield return $"The image is {image}";
    }
}
