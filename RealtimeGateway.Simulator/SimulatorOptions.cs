using System.Globalization;

namespace RealtimeGateway.Simulator;

/// <summary>What the simulated Azure resource looks like: where it listens, whom it believes and what is deployed on it.</summary>
public sealed class SimulatorOptions
{
    /// <summary>The configuration section that holds these values.</summary>
    public const string SectionName = "Simulator";

    /// <summary>The one address, for gateway and browser alike; port 0 takes a free one.</summary>
    public string Url { get; set; } = "http://localhost:8001";

    /// <summary>Where to listen when that is not the same, as in a container whose port is published.</summary>
    public string? Listen { get; set; }

    /// <summary>Accepted in <c>api-key</c>, and in <c>Authorization: Bearer</c> as plain OpenAI clients send it.</summary>
    public IList<string> ApiKeys { get; set; } = ["simulator-key"];

    /// <summary>Stand-ins for Entra access tokens, accepted in <c>Authorization: Bearer</c> only.</summary>
    public IList<string> BearerTokens { get; set; } = [];

    /// <summary>Names that a session may give as <c>model</c>; any other is <c>DeploymentNotFound</c>.</summary>
    public IList<string> Deployments { get; set; } = ["gpt-realtime", "gpt-realtime-mini"];

    /// <summary>Names that a session may give as transcription model: on Azure a deployment as well.</summary>
    public IList<string> TranscriptionDeployments { get; set; } = ["gpt-4o-mini-transcribe", "gpt-4o-transcribe", "whisper-1"];

    /// <summary>Life of a secret of the preview surface, in seconds; documented as one minute.</summary>
    public int PreviewSecretSeconds { get; set; } = 60;

    /// <summary>How long a conversation may last, in seconds; documented as 60 minutes.</summary>
    public int SessionSeconds { get; set; } = 3600;

    /// <summary>
    /// Whether an offer that no media peer waits for gets a made-up answer: the call is real, with a conversation and a sideband, but nobody is at the other end of its media. For
    /// load runs and tests without a browser.
    /// </summary>
    public bool CannedAnswers { get; set; }

    /// <summary>
    /// Reads the section. A list that is configured replaces the default one; the framework's binder would append to it.
    /// </summary>
    public static SimulatorOptions From(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var options = new SimulatorOptions();
        options.Url = section[nameof(Url)] ?? options.Url;
        options.Listen = section[nameof(Listen)] is { Length: > 0 } listen ? listen : null;
        options.ApiKeys = List(section, nameof(ApiKeys)) ?? options.ApiKeys;
        options.BearerTokens = List(section, nameof(BearerTokens)) ?? options.BearerTokens;
        options.Deployments = List(section, nameof(Deployments)) ?? options.Deployments;
        options.TranscriptionDeployments = List(section, nameof(TranscriptionDeployments)) ?? options.TranscriptionDeployments;
        options.PreviewSecretSeconds = Seconds(section, nameof(PreviewSecretSeconds)) ?? options.PreviewSecretSeconds;
        options.SessionSeconds = Seconds(section, nameof(SessionSeconds)) ?? options.SessionSeconds;
        options.CannedAnswers = Switch(section, nameof(CannedAnswers)) ?? options.CannedAnswers;
        return options;
    }

    private static List<string>? List(IConfiguration section, string key)
    {
        var values = section.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>().ToList();
        return values.Count > 0 ? values : null;
    }

    private static bool? Switch(IConfiguration section, string key)
    {
        if (section[key] is not { } text) return null;
        if (bool.TryParse(text, out var isOn)) return isOn;
        throw new InvalidOperationException($"{SectionName}:{key} is '{text}'; true or false is expected.");
    }

    private static int? Seconds(IConfiguration section, string key)
    {
        if (section[key] is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0) return seconds;
        throw new InvalidOperationException($"{SectionName}:{key} is '{text}'; a whole number of seconds above 0 is expected.");
    }
}
