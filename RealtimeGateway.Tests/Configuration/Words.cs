
namespace RealtimeGateway.Tests.Configuration;

/// <summary>What the schema says about settings that no class of the gateway describes.</summary>
internal static class Words
{
    private static readonly Dictionary<string, string> All = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "The Azure OpenAI resource, https://….openai.azure.com.",
        ["AZURE_OPENAI_API_KEY"] = "Its key. A secret: better given by the environment or a secret file.",
        ["AZURE_OPENAI_DEPLOYMENT"] = "Azure's name for the model; by default the alias that was asked for.",
        ["AZURE_OPENAI_API_VERSION"] = "v1, or a version such as 2025-04-01-preview, which selects the deprecated preview protocol.",
        ["AZURE_OPENAI_WEBRTC_URL"] = "The region's SDP address; for the preview protocol only.",
        ["AllowedHosts"] = "Host names under which the gateway may be called, separated by semicolons; *.example.com for all below example.com, * for any. IP addresses always count.",
        ["Proxies"] = "Load balancers and TLS terminators in front of the gateway, by address or network. Only what they say about callers is believed.",
        ["Realtime"] = "Realtime sessions.",
        ["ReverseProxy"] = "YARP's routes and clusters, and what the gateway adds to them.",
        ["ReverseProxy:Routes"] = "Routes by name: which request goes to which cluster, and what becomes of it on the way.",
        ["ReverseProxy:Clusters"] = "Clusters by name: destinations that can stand in for each other.",
        ["$schema"] = "The schema that editors check this file by.",
        ["HTTP_PORTS"] = "Ports to listen on, on every interface, separated by semicolons.",
        ["HTTPS_PORTS"] = "Ports to listen on with TLS, on every interface, separated by semicolons.",
        ["Urls"] = "Addresses to listen on, separated by semicolons; http://localhost:8000 by default.",
        ["Kestrel"] = "The server's own settings, such as Endpoints with certificates.",
        ["Logging"] = "What is logged, by category.",

        ["RouteConfig.ClusterId"] = "The cluster that the route leads to.",
        ["RouteConfig.CorsPolicy"] = "The entry of Cors whose pages may use the route.",
        ["RouteConfig.MaxRequestBodySize"] = "Size in bytes up to which a body is taken.",
        ["RouteConfig.Order"] = "Of several routes that match, the one with the lowest number.",
        ["RouteConfig.Metadata.AllowedFor"] = "Who may use the route: scope:NAME, role:NAME, key:NAME or anonymous, separated by semicolons; every caller by default.",
        ["RouteConfig.Metadata.Attempts"] = "The most destinations that one request may try, 1 to 10; 3 by default.",
        ["RouteConfig.Metadata.AttemptTimeout"] = "How long one attempt may wait for its answer while another destination is left; 00:00:05 by default on a route that mints.",
        ["RouteConfig.Metadata.IdleTimeout"] = "How long a WebSocket may be without any message before it is closed, 00:00:10 to 01:00:00; 00:10:00 by default.",
        ["RouteConfig.Metadata.FailoverBody"] = "Bytes up to which the body of a pass-through request is kept for another attempt; 65536 by default, 0 keeps none.",
        ["RouteConfig.Metadata.FailoverOn"] = "Statuses at which a mint goes on to the next destination, such as 429;5xx, separated by semicolons.",
        ["RouteConfig.Metadata.Limit"] = "The entries of Limits that must all admit a request, separated by semicolons.",
        ["RouteConfig.Metadata.Timeout"] = "The whole time that the upstream may take, up to 01:00:00; none by default.",
        ["ClusterConfig.Metadata.CertificateAuthority"] = "A PEM file with the certificates that the destinations' own must come from, in place of the system's.",
        ["ClusterConfig.Metadata.CircuitBreak"] = "How long a destination that failed is left alone at first, up to 00:10:00; 00:00:05 by default.",
        ["ClusterConfig.Metadata.CircuitFailures"] = "Failures in a row after which a destination is left alone, 1 to 100; 3 by default.",
        ["ClusterConfig.Metadata.ConnectTimeout"] = "How long a connection may take, TLS included, up to 00:01:00; 00:00:03 by default.",
        ["ClusterConfig.Metadata.ConsecutiveFailuresHealthPolicy.Threshold"] = "YARP's: probes in a row that must fail, with HealthCheck:Active and policy ConsecutiveFailures.",
        ["ClusterConfig.Metadata.TransportFailureRateHealthPolicy.RateLimit"] = "YARP's: share of requests that may fail, with HealthCheck:Passive and policy TransportFailureRate.",
        ["DestinationConfig.Address"] = "The resource, https; http for loopback only.",
        ["DestinationConfig.Metadata.ApiVersion"] = "The preview protocol's version.",
        ["DestinationConfig.Metadata.Credential"] = "The entry of Credentials that proves the gateway to this destination.",
        ["DestinationConfig.Metadata.Deployment"] = "Azure's name for the model; by default the alias that was asked for.",
        ["DestinationConfig.Metadata.Model"] = "The alias that it serves; any without it.",
        ["DestinationConfig.Metadata.Priority"] = "The group that it belongs to, 0 to 100: the lowest number is used first, the next when none of it is well. 0 by default.",
        ["DestinationConfig.Metadata.Protocol"] = "ga, or preview for the deprecated protocol.",
        ["DestinationConfig.Metadata.WebRtcUrl"] = "Where a browser posts its SDP offer, if it is not the destination's own address.",
        ["DestinationConfig.Metadata.Weight"] = "Its share of the requests that its group gets, 1 to 1000; 1 by default.",

        ["Transforms.QueryAllowed"] = "Passes on the named query values of the caller, separated by semicolons.",
        ["Transforms.SdpAnswer"] = "call: answers with the service's SDP and an id of the gateway's own.",
        ["Transforms.SdpOffer"] = "Begins calls: takes the caller's SDP offer to the service, with the session of this profile. Needs SdpAnswer on the same route.",
        ["Transforms.Session"] = "replaced, beside SessionProfile, SdpOffer or SessionEvents: of a session that the caller sends, as OpenAI's SDKs do, the profile's values stand in for what it may not set; refused by name otherwise.",
        ["Transforms.SessionEvents"] = "Takes WebSockets: ends them here and lets through what this profile allows.",
        ["Transforms.SessionProfile"] = "Mints: replaces the body by the session of this profile. Needs SessionResponse on the same route.",
        ["Transforms.SessionResponse"] = "session: reduces the answer to the gateway's own contract. ticket: answers as OpenAI does, with a secret of the gateway's own that begins one call or socket.",
    };

    public static string? Of(string name) => All.GetValueOrDefault(name);
}
