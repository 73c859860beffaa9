using System.Globalization;
using k8s.Models;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>Who reaches which port of a pod, and what a pod reaches.</summary>
internal static class NetworkRules
{
    private static readonly string[] Probes = ["/health/live", "/health/ready"];

    public static IEnumerable<string> Faults(Manifests manifests, IReadOnlyList<int> exposed) =>
        [.. Ports(manifests, exposed), .. Asked(manifests), .. Ingress(manifests), .. Egress(manifests), .. Monitoring(manifests)];

    private static IEnumerable<string> Ports(Manifests manifests, IReadOnlyList<int> exposed)
    {
        var container = manifests.Container;
        if (!container.Ports.Select(port => port.ContainerPort).Order().SequenceEqual(exposed.Order()))
            yield return "The container's ports are not those that the image exposes";
        foreach (var port in manifests.All<V1Service>().SelectMany(service => service.Spec.Ports).Where(port => !Resolves(port.TargetPort, container)))
            yield return $"A service's port {port.Name} leads nowhere";
        foreach (var port in manifests.One<V1NetworkPolicy>().Spec.Ingress.SelectMany(rule => rule.Ports).Where(port => !Resolves(port.Port, container)))
            yield return $"The network policy opens port {port.Port.Value}, which the pod does not have";
        foreach (var service in manifests.All<V1Service>().Where(service => service.Spec.Ports.Count != 1 || (service.Spec.Ports[0].TargetPort.Value == "management" && service.Spec.ClusterIP != "None")))
            yield return $"Service {service.Metadata.Name} could lead callers to the management port";
    }

    private static IEnumerable<string> Asked(Manifests manifests)
    {
        var container = manifests.Container;
        foreach (var probe in new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe })
        {
            if (probe?.HttpGet is not { } get)
                yield return "A probe is missing";
            else if (!Resolves(get.Port, container) || get.Port.Value != "management" || !Probes.Contains(get.Path))
                yield return $"A probe asks {get.Path} at {get.Port.Value}";
        }

        if (container.LivenessProbe?.HttpGet?.Path == "/health/ready")
            yield return "A pod that drains would be killed";
    }

    private static IEnumerable<string> Ingress(Manifests manifests)
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
    }

    private static IEnumerable<string> Egress(Manifests manifests)
    {
        var policy = manifests.One<V1NetworkPolicy>().Spec;
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

    private static IEnumerable<string> Monitoring(Manifests manifests)
    {
        foreach (var monitor in manifests.All<ServiceMonitor>())
        {
            var services = manifests.All<V1Service>().Where(service => ManifestRules.Select(monitor.Spec.Selector.MatchLabels, service.Metadata.Labels)).ToArray();
            if (services.Length != 1)
                yield return $"The monitor selects {services.Length} services";
            else if (!monitor.Spec.Endpoints.TrueForAll(endpoint => endpoint.Path == "/metrics" && services[0].Spec.Ports.Any(port => port.Name == endpoint.Port && port.TargetPort.Value == "management")))
                yield return "The monitor scrapes another port";
            else if (!services[0].Metadata.Labels.TryGetValue(monitor.Spec.JobLabel, out var job) || job != "realtime-gateway")
                yield return "The alerts would not know the job";
        }
    }

    private static bool Resolves(IntOrString? port, V1Container container) =>
        container.Ports.Any(known => known.Name == port?.Value || known.ContainerPort.ToString(CultureInfo.InvariantCulture) == port?.Value);
}
