using System.Text.RegularExpressions;
using RealtimeGateway.Sessions;
using RealtimeGateway.Simulator;

namespace RealtimeGateway.Configuration;

/// <summary>
/// The <c>AZURE_OPENAI_*</c> variables that people already have, as ordinary configuration: they become the destination <c>default</c> of
/// cluster <c>azureopenai</c> and its credential. With no upstream at all, Development gets the simulator in the same way.
/// </summary>
internal sealed partial class UpstreamVariables
{
    public const string Endpoint = "AZURE_OPENAI_ENDPOINT";
    public const string ApiKey = "AZURE_OPENAI_API_KEY";
    public const string Deployment = "AZURE_OPENAI_DEPLOYMENT";
    public const string ApiVersion = "AZURE_OPENAI_API_VERSION";
    public const string WebRtcUrl = "AZURE_OPENAI_WEBRTC_URL";

    private const string Destination = "ReverseProxy:Clusters:azureopenai:Destinations:default";
    private const string OwnCredential = "Credentials:default";
    private const string Credential = $"{OwnCredential}:ApiKey:Primary";

    private readonly IConfiguration _configuration;
    private readonly bool _mayUseSimulator;
    private readonly ConfigurationFaults _faults;

    private UpstreamVariables(IConfiguration configuration, bool mayUseSimulator, ConfigurationFaults faults) =>
        (_configuration, _mayUseSimulator, _faults) = (configuration, mayUseSimulator, faults);

    /// <summary>Adds the upstream that the variables, or their absence, stand for; tells whether it is the simulator.</summary>
    public static bool Apply(ConfigurationLayers layers, bool mayUseSimulator, ConfigurationFaults faults)
    {
        var upstream = new UpstreamVariables(layers.Root, mayUseSimulator, faults).Read(out var usesSimulator);
        foreach (var (key, value) in upstream)
            layers.Set(key, value, usesSimulator ? "simulator" : layers.OriginOf(VariableOf(key) ?? Endpoint) ?? "default");
        return usesSimulator;
    }

    /// <summary>The variable that stands for this key of the configuration; <c>null</c> when none does.</summary>
    public static string? VariableOf(string key) => key switch
    {
        $"{Destination}:Address" => Endpoint,
        Credential => ApiKey,
        $"{Destination}:Metadata:Deployment" => Deployment,
        $"{Destination}:Metadata:Protocol" or $"{Destination}:Metadata:ApiVersion" => ApiVersion,
        $"{Destination}:Metadata:WebRtcUrl" => WebRtcUrl,
        _ => null,
    };

    private Dictionary<string, string?> Read(out bool usesSimulator)
    {
        usesSimulator = false;
        var given = new[] { Endpoint, ApiKey, Deployment, ApiVersion, WebRtcUrl }.Where(name => Get(name) is not null).ToArray();
        var inFile = _configuration.GetSection("ReverseProxy:Clusters").GetChildren()
            .SelectMany(cluster => cluster.GetSection("Destinations").GetChildren()).Any();
        if (given.Length > 0 && inFile)
            _faults.Add(string.Join(", ", given), "the configuration file defines destinations too; keep either the variables or the file's destinations");
        else if (given.Length > 0)
            return ReadResource();
        else if (!inFile && _mayUseSimulator)
            return UseSimulator(out usesSimulator);
        else if (!inFile)
            _faults.Add($"{Endpoint}, {ApiKey}, {Deployment}", "are missing, and the configuration file defines no destination: there is no upstream");
        return [];
    }

    private Dictionary<string, string?> ReadResource()
    {
        // The key may stand under its own name, with a secondary one, or an identity may take its place.
        var required = _configuration.GetSection(OwnCredential).Exists() ? [Endpoint] : new[] { Endpoint, ApiKey };
        var missing = required.Where(name => Get(name) is null).ToArray();
        foreach (var name in missing)
            _faults.Add(name, "is missing, while other AZURE_OPENAI_* variables are set");
        if (Get(ApiKey) is not null && Get(Credential) is not null)
            _faults.Add(ApiKey, $"is set, and {Credential} too; keep one of them");

        var values = new Dictionary<string, string?>
        {
            [$"{Destination}:Address"] = Resource(Get(Endpoint)),
            [$"{Destination}:Metadata:Credential"] = "default",
            [$"{Destination}:Metadata:Deployment"] = Get(Deployment),
        };
        if (Get(ApiKey) is { } key)
            values[Credential] = key;

        var version = Get(ApiVersion);
        if (version is null or "v1")
        {
            if (Get(WebRtcUrl) is { } url)
                _faults.Add(WebRtcUrl, url, $"belongs to the preview protocol only; remove it, or set {ApiVersion} to a preview version");
        }
        else if (PreviewVersion().IsMatch(version))
        {
            if (Get(WebRtcUrl) is null)
                _faults.Add(WebRtcUrl, $"is missing: the preview protocol needs the region's SDP address (because {ApiVersion} is {version})");
            values[$"{Destination}:Metadata:Protocol"] = "preview";
            values[$"{Destination}:Metadata:ApiVersion"] = version;
            values[$"{Destination}:Metadata:WebRtcUrl"] = Get(WebRtcUrl);
        }
        else
        {
            _faults.Add(ApiVersion, version, "must be empty or v1 (general availability), or a preview version such as 2025-04-01-preview");
        }

        return missing.Length == 0 ? values : [];
    }

    private Dictionary<string, string?> UseSimulator(out bool usesSimulator)
    {
        usesSimulator = true;
        SimulatorOptions simulator;
        try
        {
            simulator = SimulatorOptions.From(_configuration.GetSection(SimulatorOptions.SectionName));
        }
        catch (InvalidOperationException e)
        {
            _faults.Add(SimulatorOptions.SectionName, e.Message);
            return [];
        }

        var values = new Dictionary<string, string?>
        {
            [$"{Destination}:Address"] = simulator.Url,
            [$"{Destination}:Metadata:Credential"] = "default",
            [$"{Destination}:Metadata:Deployment"] = simulator.Deployments[0],
            [Credential] = simulator.ApiKeys[0],
        };
        // On Azure a transcription model is a deployment that somebody has to make; here it is there, and shows what the caller said.
        foreach (var profile in _configuration.GetSection(SessionProfileOptions.SectionName).GetChildren().Where(profile => !profile.GetSection("Transcription").Exists()))
            values[$"{profile.Path}:Transcription:Model"] = simulator.TranscriptionDeployments[0];
        return values;
    }

    private string? Get(string name) => string.IsNullOrWhiteSpace(_configuration[name]) ? null : _configuration[name]!.Trim();

    // Both forms are in use: the resource itself, and the base URL that OpenAI SDKs want.
    private static string? Resource(string? endpoint) => endpoint is null ? null : BasePath().Replace(endpoint, "/");

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}-preview\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex PreviewVersion();

    [GeneratedRegex("/+(openai(/v1)?/*)?$", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex BasePath();
}
