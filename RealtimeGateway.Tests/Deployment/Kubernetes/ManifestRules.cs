using System.Globalization;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>What must hold between the manifests, and between them and the gateway. Each rule says what is wrong in a sentence.</summary>
internal static class ManifestRules
{
    private static readonly string[] Probes = ["/health/live", "/health/ready"];
    private static readonly string[] OfTheHost = ["ASPNETCORE_CONTENTROOT", "ASPNETCORE_WEBROOT", "Shutdown__Grace"];

    public static IReadOnlyList<string> Faults(Manifests manifests, string version, IReadOnlyList<int> exposed, TimeSpan longestRequest) =>
    [
        .. Names(manifests), .. Selectors(manifests), .. Ports(manifests, exposed), .. Network(manifests), .. References(manifests), .. Variables(manifests),
        .. Security(manifests), .. Time(manifests, longestRequest), .. Replicas(manifests), .. Images(manifests, version), .. Monitoring(manifests),
    ];

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

    private static IEnumerable<string> Ports(Manifests manifests, IReadOnlyList<int> exposed)
    {
        var container = manifests.Container;
        if (!container.Ports.Select(port => port.ContainerPort).Order().SequenceEqual(exposed.Order()))
            yield return "The container's ports are not those that the image exposes";
        foreach (var port in manifests.All<V1Service>().SelectMany(service => service.Spec.Ports).Where(port => !Resolves(port.TargetPort, container)))
            yield return $"A service's port {port.Name} leads nowhere";
        foreach (var port in manifests.One<V1NetworkPolicy>().Spec.Ingress.SelectMany(rule => rule.Ports).Where(port => !Resolves(port.Port, container)))
            yield return $"The network policy opens port {port.Port.Value}, which the pod does not have";
        foreach (var probe in new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe })
        {
            if (probe?.HttpGet is not { } get)
                yield return "A probe is missing";
            else if (!Resolves(get.Port, container) || get.Port.Value != "management" || !Probes.Contains(get.Path))
                yield return $"A probe asks {get.Path} at {get.Port.Value}";
        }

        if (container.LivenessProbe?.HttpGet?.Path == "/health/ready")
            yield return "A pod that drains would be killed";
        foreach (var service in manifests.All<V1Service>().Where(service => service.Spec.Ports.Count != 1 || (service.Spec.Ports[0].TargetPort.Value == "management" && service.Spec.ClusterIP != "None")))
            yield return $"Service {service.Metadata.Name} could lead callers to the management port";
    }

    private static IEnumerable<string> Network(Manifests manifests)
    {
        var policy = manifests.One<V1NetworkPolicy>().Spec;
        if (!policy.PolicyTypes.Order(StringComparer.Ordinal).SequenceEqual(["Egress", "Ingress"]))
            yield return "The network policy leaves a direction open";
        foreach (var rule in policy.Ingress)
        {
            var from = string.Join(',', rule.FromProperty?.Select(peer => peer.NamespaceSelector?.MatchLabels["kubernetes.io/metadata.name"]) ?? []);
            var to = string.Join(',', rule.Ports?.Select(port => port.Port.Value) ?? []);
            if ((from, to) is not (("ingress-nginx", "http") or ("monitoring", "management")))
                yield return $"The network policy lets '{from}' in at '{to}'";
        }

        foreach (var rule in policy.Egress)
        {
            if (rule.To is not { Count: > 0 } && rule.Ports.Any(port => port.Port.Value != "443"))
                yield return "The network policy lets more than https out to anywhere";
            if (rule.To?.Any(peer => peer.PodSelector is { } selector && selector.MatchLabels.Keys.Any(manifests.Pod.Metadata.Labels.ContainsKey)) is true)
                yield return "The network policy takes another server for a gateway";
        }

        foreach (var port in new[] { "53", "443", "6379" }.Except(policy.Egress.SelectMany(rule => rule.Ports).Select(port => port.Port.Value)))
            yield return $"The network policy lets nothing out to port {port}";
    }

    private static IEnumerable<string> References(Manifests manifests)
    {
        var pod = manifests.Pod.Spec;
        if (manifests.Find<V1ServiceAccount>(pod.ServiceAccountName) is null)
            yield return $"There is no service account {pod.ServiceAccountName}";
        foreach (var mount in manifests.Container.VolumeMounts)
        {
            if (pod.Volumes.All(volume => volume.Name != mount.Name))
                yield return $"There is no volume {mount.Name}";
            if (mount.SubPath is not null || mount.ReadOnlyProperty is not true)
                yield return $"Volume {mount.Name} is not live, or may be written to";
        }

        foreach (var volume in pod.Volumes)
        {
            if (manifests.Container.VolumeMounts.All(mount => mount.Name != volume.Name))
                yield return $"Volume {volume.Name} is mounted nowhere";
            var isThere = volume switch
            {
                { ConfigMap: { } map } => manifests.Find<V1ConfigMap>(map.Name) is not null,
                { Csi: { } csi } => manifests.Find<SecretProviderClass>(csi.VolumeAttributes["secretProviderClass"]) is not null,
                { Secret: { } secret } => secret.SecretName == KubernetesDocument.Secret, // made by hand, as the document says
                _ => false,
            };
            if (!isThere)
                yield return $"Volume {volume.Name} comes from nowhere";
        }

        foreach (var variable in new[] { "ASPNETCORE_CONTENTROOT", "Secrets__Directory" }.Where(manifests.Environment.ContainsKey))
        {
            if (manifests.Container.VolumeMounts.All(mount => mount.MountPath != manifests.Environment[variable]))
                yield return $"{variable} names no mounted folder";
        }
    }

    private static IEnumerable<string> Variables(Manifests manifests) => manifests.Environment.Keys.Except(OfTheHost).Concat(SecretNames(manifests)).Where(name => !IsSetting(name))
        .Select(name => $"{name} is no setting of the gateway");

    /// <summary>The settings that come out of a vault.</summary>
    public static IEnumerable<string> SecretNames(Manifests manifests) => manifests.All<SecretProviderClass>()
        .SelectMany(provider => provider.Spec.Parameters["objects"].Split('\n'))
        .Where(line => line.Contains("objectAlias:", StringComparison.Ordinal)).Select(line => line.Split(':')[1].Trim());

    public static bool IsSetting(string name) => KnownSections.IsValue(KnownSections.TypeOf(name.Replace("__", ":", StringComparison.Ordinal)));

    private static IEnumerable<string> Security(Manifests manifests)
    {
        var (pod, container) = (manifests.Pod.Spec, manifests.Container.SecurityContext);
        if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: 1654, RunAsGroup: 1654, SeccompProfile.Type: "RuntimeDefault" })
            yield return "The pod may run as root, or with every system call";
        if (container is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Privileged: null, Capabilities: { Drop: ["ALL"], Add: null } })
            yield return "The container may do more than it needs";
        if (pod.AutomountServiceAccountToken is not false || manifests.Find<V1ServiceAccount>(pod.ServiceAccountName)?.AutomountServiceAccountToken is not false)
            yield return "The pod has a token of the cluster";
        if (manifests.One<V1Namespace>().Metadata.Labels.TryGetValue("pod-security.kubernetes.io/enforce", out var level) is false || level != "restricted")
            yield return "The namespace admits other pods than restricted ones";
        if (manifests.Container.Resources is not { Requests: { } requests, Limits: { } limits } || !requests.ContainsKey("cpu") || !requests.ContainsKey("memory") || !limits.ContainsKey("memory"))
            yield return "The container has no bounds";
    }

    private static IEnumerable<string> Time(Manifests manifests, TimeSpan longestRequest)
    {
        var grace = TimeSpan.Parse(manifests.Environment["Shutdown__Grace"], CultureInfo.InvariantCulture);
        var ending = new HostOptions().ShutdownTimeout;
        if (manifests.Pod.Spec.TerminationGracePeriodSeconds is not { } seconds || TimeSpan.FromSeconds(seconds) <= grace + ending)
            yield return "A pod is killed before it has drained";
        if (longestRequest > ending)
            yield return "A request may take longer than a process that ends waits for it";
        var (ready, start) = (manifests.Container.ReadinessProbe, manifests.Container.StartupProbe);
        if (TimeSpan.FromSeconds((ready?.PeriodSeconds * ready?.FailureThreshold) ?? 0) >= grace)
            yield return "A pod that drains looks ready until it has drained";
        if (start?.PeriodSeconds * start?.FailureThreshold < 30)
            yield return "A pod has little time to start";
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

    private static IEnumerable<string> Monitoring(Manifests manifests)
    {
        foreach (var monitor in manifests.All<ServiceMonitor>())
        {
            var services = manifests.All<V1Service>().Where(service => Select(monitor.Spec.Selector.MatchLabels, service.Metadata.Labels)).ToArray();
            if (services.Length != 1)
                yield return $"The monitor selects {services.Length} services";
            else if (!monitor.Spec.Endpoints.TrueForAll(endpoint => endpoint.Path == "/metrics" && services[0].Spec.Ports.Any(port => port.Name == endpoint.Port && port.TargetPort.Value == "management")))
                yield return "The monitor scrapes another port";
            else if (!services[0].Metadata.Labels.TryGetValue(monitor.Spec.JobLabel, out var job) || job != "realtime-gateway")
                yield return "The alerts would not know the job";
        }
    }

    private static bool Select(IDictionary<string, string>? selector, IDictionary<string, string>? labels) =>
        selector is { Count: > 0 } && labels is not null && selector.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool Resolves(IntOrString? port, V1Container container) =>
        container.Ports.Any(known => known.Name == port?.Value || known.ContainerPort.ToString(CultureInfo.InvariantCulture) == port?.Value);
}
