using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>Reads one YARP destination and the metadata that make it a realtime resource.</summary>
internal sealed class DestinationReader(
    ClusterConfig cluster, string destinationId, DestinationConfig config, IReadOnlyDictionary<string, ICredential> credentials, ConfigurationFaults faults)
{
    internal static readonly string[] KnownMetadata = ["Credential", "Deployment", "Model", "Priority", "Weight", "Protocol", "ApiVersion", "WebRtcUrl"];

    private readonly string _key = $"ReverseProxy:Clusters:{cluster.ClusterId}:Destinations:{destinationId}";

    public Destination? Read(ClusterRules rules, Destinations? previous, TimeProvider time)
    {
        Metadata.RefuseUnknown(KnownMetadata);
        if (Get("Weight") is { } weight && !string.IsNullOrEmpty(cluster.LoadBalancingPolicy))
            Metadata.Refuse("Weight", weight, $"counts only without LoadBalancingPolicy, which is {cluster.LoadBalancingPolicy}");
        var address = ReadAddress();
        var known = previous?.In(cluster.ClusterId).GetValueOrDefault(destinationId) is { } before && before.Address == address ? before : null;
        var credential = ReadCredential()?.For(known?.Credential);
        var dialect = ReadDialect();
        if (address is null || dialect is null)
            return null;

        var deployment = Get("Deployment");
        var same = known is not null && known.Deployment == deployment ? known : null;
        return new()
        {
            Cluster = cluster.ClusterId,
            Name = destinationId,
            Address = address,
            Credential = credential,
            Deployment = deployment,
            Model = Get("Model"),
            Priority = Metadata.Number("Priority", 0, 100) ?? 0,
            Weight = Metadata.Number("Weight", 1, 1000) ?? 1,
            Health = same?.Health ?? new(time),
            PassThroughHealth = same?.PassThroughHealth ?? new(time),
            Circuit = rules.Circuit,
            State = new(destinationId, new(config)),
            Dialect = dialect,
            WebRtcUrl = dialect.WebRtcUrl(address, Get("WebRtcUrl") is { } url ? ReadUrl($"{_key}:Metadata:WebRtcUrl", url) : null, deployment),
        };
    }

    // With a slash at the end, so that paths can be put behind it.
    private Uri? ReadAddress()
    {
        if (ReadUrl($"{_key}:Address", config.Address) is not { } url)
            return null;
        if (url.Query.Length + url.Fragment.Length == 0)
            return new Uri(url.AbsoluteUri.TrimEnd('/') + "/");
        faults.Add($"{_key}:Address", config.Address, "must be the resource alone, without query and fragment");
        return null;
    }

    private ICredential? ReadCredential()
    {
        if (Get("Credential") is not { } name)
            return null;
        if (credentials.TryGetValue(name, out var credential))
            return credential;
        faults.Add($"{_key}:Metadata:Credential", name, $"names no usable entry of section {CredentialOptions.SectionName}");
        return null;
    }

    private IRealtimeDialect? ReadDialect()
    {
        switch (Get("Protocol"))
        {
            case null or "ga":
                if (Get("ApiVersion") is { } version)
                    faults.Add($"{_key}:Metadata:ApiVersion", version, "belongs to the preview protocol only");
                return new GaDialect();
            case "preview":
                foreach (var name in new[] { "ApiVersion", "WebRtcUrl" }.Where(name => Get(name) is null))
                    faults.Add($"{_key}:Metadata:{name}", "is required by the preview protocol");
                return new PreviewDialect(Get("ApiVersion") ?? "");
            case var other:
                faults.Add($"{_key}:Metadata:Protocol", other, "must be one of ga, preview");
                return null;
        }
    }

    private Uri? ReadUrl(string key, string? value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0)
            faults.Add(key, "must be an absolute https address without user information"); // the value may be a key in the wrong place
        else if (url.Scheme is "http" && !url.IsLoopback)
            faults.Add(key, value, "must be https; http is for loopback addresses only");
        else
            return url;
        return null;
    }

    private MetadataReader Metadata => new(config.Metadata, _key, faults);

    private string? Get(string name) => Metadata.Text(name);
}
