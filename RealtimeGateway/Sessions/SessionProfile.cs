using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Sessions;

/// <summary>A session profile, ready for use: checked, and with the parts that never change already written as JSON.</summary>
internal sealed class SessionProfile
{
    private SessionProfile(string name, SessionProfileOptions options, Access access)
    {
        Name = name;
        Options = options;
        Access = access;
        Models = options.Models.ToFrozenSet(StringComparer.Ordinal);
        Voices = options.Voices.ToFrozenSet(StringComparer.Ordinal);
        ClientMaySet = options.ClientMaySet.ToFrozenSet();
        DefaultVoice = options.Voice ?? options.Voices[0];
        Tools = options.Tools.Count == 0 ? null : WriteTools(options.Tools);
    }

    public string Name { get; }

    public SessionProfileOptions Options { get; }

    public FrozenSet<string> Models { get; }

    public FrozenSet<string> Voices { get; }

    public FrozenSet<SessionMember> ClientMaySet { get; }

    /// <summary>Who may use the profile.</summary>
    public Access Access { get; }

    public string DefaultModel => Options.Models[0];

    public string DefaultVoice { get; }

    /// <summary>The profile's tools as a JSON array; <c>null</c> when there are none.</summary>
    public byte[]? Tools { get; }

    public static FrozenDictionary<string, SessionProfile> Read(IConfiguration configuration, CallerSchemes callers, ConfigurationFaults faults)
    {
        foreach (var other in configuration.GetSection("Realtime").GetChildren().Where(child => !child.Key.Equals("Profiles", StringComparison.OrdinalIgnoreCase)))
            faults.AddUnknown(other.Path, ["Profiles"]);

        var section = configuration.GetSection(SessionProfileOptions.SectionName);
        var profiles = new Dictionary<string, SessionProfile>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, options) in SectionReader.ReadNamed<SessionProfileOptions>(section, faults))
        {
            var own = new ConfigurationFaults();
            var access = Access.Read($"{section.Path}:{name}:{Access.SettingName}", options.AllowedFor, callers, own);
            CheckBetweenMembers($"{section.Path}:{name}", options, own);
            faults.AddRange(own);
            if (!own.Any && options is { Models.Count: > 0, Voices.Count: > 0 })
                profiles[name] = new SessionProfile(name, options, access);
        }

        return profiles.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static void CheckBetweenMembers(string key, SessionProfileOptions options, ConfigurationFaults faults)
    {
        if (options.Voice is not null && !options.Voices.Contains(options.Voice))
            faults.Add($"{key}:Voice", options.Voice, $"must be one of Voices: {string.Join(", ", options.Voices)}");
        CheckNames($"{key}:Models", options.Models, faults);
        CheckNames($"{key}:Voices", options.Voices, faults);
        foreach (var name in options.Tools.GroupBy(tool => tool.Name).Where(group => group.Key is not null && group.Count() > 1).Select(group => group.Key))
            faults.Add($"{key}:Tools", name, "two tools have this name");
        for (var i = 0; i < options.Tools.Count; i++)
        {
            if (options.Tools[i].Parameters is { } parameters && ConfigurationJson.Explain(parameters) is { } problem)
                faults.Add($"{key}:Tools:{i}:Parameters", problem);
        }

        if (options.EventFilter)
            CheckEventFilter(key, options, faults);
        if (options.TurnDetection is { } turns)
            CheckTurnDetection($"{key}:TurnDetection", turns, faults);
    }

    // The page would never see the function call, and nobody else is there to answer it.
    private static void CheckEventFilter(string key, SessionProfileOptions options, ConfigurationFaults faults)
    {
        if (options.Tools.Count > 0)
            faults.Add($"{key}:EventFilter", "true", $"hides function calls from the page, which alone could answer those of {key}:Tools");
        if (options.ClientMaySet.Contains(SessionMember.Tools))
            faults.Add($"{key}:EventFilter", "true", $"hides function calls from the page, which alone could answer those that {key}:ClientMaySet lets it bring (tools)");
        if (options.Way is not Way.Relay)
            faults.Add($"{key}:EventFilter", "true", $"holds on the relay only; {key}:Way must be {WireName.Of(Way.Relay)}");
    }

    private static void CheckNames(string key, List<string> names, ConfigurationFaults faults)
    {
        if (names.Any(string.IsNullOrWhiteSpace))
            faults.Add(key, "holds an empty name");
        foreach (var twice in names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            faults.Add(key, twice.Key, "stands twice in the list");
    }

    private static void CheckTurnDetection(string key, TurnDetectionOptions turns, ConfigurationFaults faults)
    {
        if (turns.Type is not TurnDetectionType.SemanticVad && turns.Eagerness is not null)
            faults.Add($"{key}:Eagerness", "belongs to semantic_vad only");
        if (turns.Type is not TurnDetectionType.ServerVad
            && turns is not { Threshold: null, PrefixPaddingMs: null, SilenceDurationMs: null, IdleTimeoutMs: null })
            faults.Add($"{key}:Type", WireName.Of(turns.Type),
                "Threshold, PrefixPaddingMs, SilenceDurationMs and IdleTimeoutMs belong to server_vad only");
    }

    private static byte[] WriteTools(List<ToolOptions> tools)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var tool in tools)
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, "function"u8);
                writer.WriteString("name"u8, tool.Name);
                if (tool.Description is not null)
                    writer.WriteString("description"u8, tool.Description);
                if (tool.Parameters is not null)
                {
                    writer.WritePropertyName("parameters"u8);
                    ConfigurationJson.Write(tool.Parameters, writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
