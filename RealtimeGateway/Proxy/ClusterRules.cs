using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RealtimeGateway.Proxy;

/// <summary>What a cluster's metadata says about connections to its destinations, and about when to leave one alone.</summary>
/// <param name="Circuit">Metadata <c>CircuitFailures</c> and <c>CircuitBreak</c>.</param>
/// <param name="ConnectTimeout">Metadata <c>ConnectTimeout</c>: how long a connection may take, TLS included.</param>
internal sealed record ClusterRules(CircuitRules Circuit, TimeSpan ConnectTimeout)
{
    /// <summary>A PEM file with the certificates that a destination's own must come from, in place of the system's.</summary>
    public const string AuthorityKey = "CertificateAuthority";

    /// <summary>Which certificates the file held when the configuration was read: a change of them alone is a change of the cluster.</summary>
    public const string AuthorityStampKey = "CertificateAuthorityStamp";

    private const string FailuresKey = "CircuitFailures";
    private const string BreakKey = "CircuitBreak";
    private const string ConnectKey = "ConnectTimeout";
    private const int DefaultFailures = 3;
    private static readonly TimeSpan DefaultBreak = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultConnect = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromHours(1);

    // The last two are YARP's own.
    internal static readonly string[] KnownMetadata =
        [FailuresKey, BreakKey, ConnectKey, AuthorityKey, "ConsecutiveFailuresHealthPolicy.Threshold", "TransportFailureRateHealthPolicy.RateLimit"];

    public static ClusterRules Read(ClusterConfig cluster, ConfigurationFaults faults)
    {
        var key = $"ReverseProxy:Clusters:{cluster.ClusterId}";
        if (cluster.HttpClient?.DangerousAcceptAnyServerCertificate is true)
            faults.Add($"{key}:HttpClient:DangerousAcceptAnyServerCertificate", "true", "would send credentials to anybody");
        if (cluster.HttpClient?.WebProxy?.Address?.UserInfo.Length > 0)
            faults.Add($"{key}:HttpClient:WebProxy:Address", "must be an address without user information"); // nothing would use it, and failures would log it
        var metadata = new MetadataReader(cluster.Metadata, key, faults);
        metadata.RefuseUnknown(KnownMetadata);
        if (metadata.Text(AuthorityKey) is { } file && ReadAuthority(file) is null)
            metadata.Refuse(AuthorityKey, file, "must name a readable PEM file with at least one certificate");
        return Read(metadata);
    }

    /// <summary>The rules of metadata that has been checked before.</summary>
    public static ClusterRules Read(IReadOnlyDictionary<string, string>? metadata) => Read(new MetadataReader(metadata, "", new()));

    /// <summary>The cluster, with what its metadata refers to, and time for an answer that passes through: YARP's own 100 seconds of silence are too few for a model that thinks.</summary>
    public static ClusterConfig Stamp(ClusterConfig cluster) => StampAuthority(cluster) with
    {
        HttpRequest = (cluster.HttpRequest ?? ForwarderRequestConfig.Empty) with { ActivityTimeout = cluster.HttpRequest?.ActivityTimeout ?? LongestSilence },
    };

    private static ClusterConfig StampAuthority(ClusterConfig cluster) => cluster.Metadata?.GetValueOrDefault(AuthorityKey) is { } file && ReadAuthority(file) is { } certificates
        ? cluster with { Metadata = new Dictionary<string, string>(cluster.Metadata) { [AuthorityStampKey] = string.Join(',', certificates.Select(certificate => certificate.Thumbprint)) } }
        : cluster;

    /// <summary>The certificates of the file; <c>null</c> when there are none to read.</summary>
    public static X509Certificate2Collection? ReadAuthority(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }

        return certificates.Count > 0 ? certificates : null;
    }

    private static ClusterRules Read(MetadataReader metadata) => new(
        new(metadata.Number(FailuresKey, 1, 100) ?? DefaultFailures, metadata.Time(BreakKey, TimeSpan.FromMinutes(10)) ?? DefaultBreak),
        metadata.Time(ConnectKey, TimeSpan.FromMinutes(1)) ?? DefaultConnect);
}
