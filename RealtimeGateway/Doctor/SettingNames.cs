using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Doctor;

/// <summary>
/// The settings of one resource by the names that its operator knows: the keys of the configuration, and the <c>AZURE_OPENAI_*</c> variable where the
/// destination comes from those.
/// </summary>
internal sealed partial class SettingNames(Resource resource, ConfigurationLayers layers)
{
    // The service's names for what a profile sets, in both protocols.
    private static readonly (string Param, string Member)[] Members =
    [
        ("transcription", "Transcription"), ("turn_detection", "TurnDetection"), ("noise_reduction", "NoiseReduction"), ("voice", "Voice"),
        ("instructions", "Instructions"), ("tools", "Tools"), ("modalities", "OutputModality"), ("output_tokens", "MaxOutputTokens"),
        ("expires_after", "SecretLifetimeSeconds"),
    ];

    private readonly string _cluster = $"ReverseProxy:Clusters:{resource.Destination.Cluster}";

    private string Destination => $"{_cluster}:Destinations:{resource.Destination.Name}";

    /// <summary>What a setting of <see cref="Diagnosis"/> is called here.</summary>
    public string Of(string setting, RequestedSession? session, string? param)
    {
        var profile = $"{SessionProfileOptions.SectionName}:{(session ?? resource.Sessions[0]).Profile.Name}";
        var named = setting
            .Replace("{member}", param is "model" or "session.model" ? "{destination}:Metadata:Deployment" : MemberOf(profile, param), StringComparison.Ordinal)
            .Replace("{profile}", profile, StringComparison.Ordinal)
            .Replace("{timeout}", resource.Patience.Key, StringComparison.Ordinal)
            .Replace("{destination}", Destination, StringComparison.Ordinal)
            .Replace("{cluster}", _cluster, StringComparison.Ordinal)
            .Replace("{credential}", $"Credentials:{resource.Destination.Credential?.Name}", StringComparison.Ordinal);
        return Key().Replace(named, match => WithVariable(match.Value));
    }

    private static string MemberOf(string profile, string? param) =>
        param is not null && Array.Find(Members, member => param.Contains(member.Param, StringComparison.Ordinal)) is { Member: { } name } ? $"{profile}:{name}" : profile;

    private string WithVariable(string key)
    {
        var isByVariables = layers.OriginOf($"{Destination}:Address")?.Contains(UpstreamVariables.Endpoint, StringComparison.Ordinal) is true;
        return isByVariables && UpstreamVariables.VariableOf(key) is { } variable ? $"{variable} ({key})" : key;
    }

    [GeneratedRegex(@"(ReverseProxy|Credentials)(:[A-Za-z0-9_.-]+)+", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Key();
}
