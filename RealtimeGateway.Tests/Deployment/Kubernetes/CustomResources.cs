using k8s;
using k8s.Models;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

// Kinds that no client library knows, with just the members that the manifests use: reading is strict, so a misspelt one fails.

/// <summary>What all of them have.</summary>
internal abstract class CustomResource : IMetadata<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();
}

/// <summary>The Prometheus operator's order to scrape what is behind a service.</summary>
internal sealed class ServiceMonitor : CustomResource
{
    public ServiceMonitorSpec Spec { get; set; } = new();
}

internal sealed class ServiceMonitorSpec
{
    public string JobLabel { get; set; } = "";

    public V1LabelSelector Selector { get; set; } = new();

    public List<ScrapedEndpoint> Endpoints { get; set; } = [];
}

internal sealed class ScrapedEndpoint
{
    public string Port { get; set; } = "";

    public string Path { get; set; } = "";

    public string Interval { get; set; } = "";
}

/// <summary>The Prometheus operator's rules, which <see cref="KubernetesCopiesTests"/> compares with those of Prometheus.</summary>
internal sealed class PrometheusRule : CustomResource
{
    public Dictionary<string, object> Spec { get; set; } = [];
}

/// <summary>The CSI driver's list of secrets to fetch.</summary>
internal sealed class SecretProviderClass : CustomResource
{
    public SecretProviderClassSpec Spec { get; set; } = new();
}

internal sealed class SecretProviderClassSpec
{
    public string Provider { get; set; } = "";

    public Dictionary<string, string> Parameters { get; set; } = [];
}
