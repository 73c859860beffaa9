using RealtimeGateway.Configuration;

namespace RealtimeGateway.KeyRing;

/// <summary>Section <c>DataProtection</c>: the keys that seal what callers are given and bring back, such as ids of calls. Read when the process starts.</summary>
internal sealed class KeyRingOptions
{
    public const string SectionName = "DataProtection";

    /// <summary>
    /// A folder that all replicas share. Without one the keys are in Redis, where it is configured, and otherwise in memory: then what one process has
    /// sealed no other can open, nor the same one after a restart.
    /// </summary>
    public string? KeyRing { get; set; }

    public static KeyRingOptions Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var options = SectionReader.Read<KeyRingOptions>(configuration.GetSection(SectionName), faults);
        if (options.KeyRing is { Length: > 0 } folder && !Directory.Exists(folder))
            faults.Add($"{SectionName}:{nameof(KeyRing)}", folder, "must be a folder that exists");
        return options;
    }
}
