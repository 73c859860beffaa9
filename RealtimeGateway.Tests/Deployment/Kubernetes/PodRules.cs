using System.Globalization;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

/// <summary>What a pod is given, what it may do, and how long it has to start and to leave.</summary>
internal static class PodRules
{
    private static readonly string[] OfTheHost = ["ASPNETCORE_CONTENTROOT", "ASPNETCORE_WEBROOT"];

    public static IEnumerable<string> Faults(Manifests manifests, TimeSpan longestRequest) =>
        [.. References(manifests), .. Variables(manifests), .. Security(manifests), .. Time(manifests, longestRequest)];

    /// <summary>The settings that come out of a vault.</summary>
    public static IEnumerable<string> SecretNames(Manifests manifests) => manifests.All<SecretProviderClass>()
        .SelectMany(provider => provider.Spec.Parameters["objects"].Split('\n'))
        .Where(line => line.Contains("objectAlias:", StringComparison.Ordinal)).Select(line => line.Split(':')[1].Trim());

    public static bool IsSetting(string name) => KnownSections.IsValue(KnownSections.TypeOf(name.Replace("__", ":", StringComparison.Ordinal)));

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
}
