using System.ComponentModel.DataAnnotations;

namespace RealtimeGateway.Sessions;

/// <summary>
/// Section <c>Realtime:Profiles:{name}</c>: the session as the server wants it. A caller may choose only what <see cref="ClientMaySet"/> lists.
/// </summary>
internal sealed class SessionProfileOptions
{
    public const string SectionName = "Realtime:Profiles";

    /// <summary>Aliases of the models that may be asked for; the first is the default.</summary>
    [MinLength(1)]
    public List<string> Models { get; set; } = [];

    /// <summary>The system prompt. Azure echoes it when it mints; the gateway keeps it inside.</summary>
    public string? Instructions { get; set; }

    /// <summary>Functions that the model may call.</summary>
    public List<ToolOptions> Tools { get; set; } = [];

    /// <summary>Voices that may be asked for.</summary>
    [MinLength(1)]
    public List<string> Voices { get; set; } = [];

    /// <summary>The voice when the caller names none; the first of <see cref="Voices"/> by default.</summary>
    public string? Voice { get; set; }

    public OutputModality OutputModality { get; set; } = OutputModality.Audio;

    /// <summary>Transcription of what the user says; off by default.</summary>
    public TranscriptionOptions? Transcription { get; set; }

    /// <summary>How the service notices that the user has finished; its own default (server_vad) when absent.</summary>
    public TurnDetectionOptions? TurnDetection { get; set; }

    /// <summary>Noise reduction on the microphone's audio; off by default.</summary>
    public NoiseReduction? NoiseReduction { get; set; }

    /// <summary>Tokens that one response may have, 1 to 4096; unlimited when absent.</summary>
    [Range(1, 4096)]
    public int? MaxOutputTokens { get; set; }

    /// <summary>Seconds for which a minted secret opens sessions, 10 to 7200. The preview protocol fixes it at about a minute.</summary>
    [Range(10, 7200)]
    public int SecretLifetimeSeconds { get; set; } = 60;

    /// <summary>
    /// Whether the service keeps all but a few events from the browser (<c>webrtcfilter=on</c>): no session, no errors, no function calls, no usage. Only calls
    /// through the gateway can be held to it.
    /// </summary>
    public bool EventFilter { get; set; }

    /// <summary>How a page connects unless it is told otherwise.</summary>
    public Way Way { get; set; } = Way.Token;

    /// <summary>Who may use the profile, by <c>scope:NAME</c>, <c>role:NAME</c>, <c>key:NAME</c> or <c>anonymous</c>; every caller without a list.</summary>
    public List<string> AllowedFor { get; set; } = [];

    /// <summary>Members of the request that the caller may set.</summary>
    public List<SessionMember> ClientMaySet { get; set; } = [];
}

/// <summary>A function that the model may call; the page, or whoever holds the data channel, answers it.</summary>
internal sealed class ToolOptions
{
    [Required]
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$")]
    public string? Name { get; set; }

    /// <summary>What the function does, for the model.</summary>
    public string? Description { get; set; }

    /// <summary>The JSON Schema of the arguments, as nested configuration or, where its types matter to the letter, as a JSON text.</summary>
    public IConfigurationSection? Parameters { get; set; }
}

/// <summary>Section <c>…:Transcription</c>.</summary>
internal sealed class TranscriptionOptions
{
    /// <summary>On Azure the name of a transcription deployment of the same resource, not a model id.</summary>
    [Required]
    public string? Model { get; set; }

    /// <summary>ISO-639-1 code such as <c>en</c>; detected when absent.</summary>
    public string? Language { get; set; }

    /// <summary>Words and names that are likely to be said, or what is talked about.</summary>
    public string? Prompt { get; set; }
}

/// <summary>Section <c>…:TurnDetection</c>.</summary>
internal sealed class TurnDetectionOptions
{
    public TurnDetectionType Type { get; set; } = TurnDetectionType.ServerVad;

    /// <summary>server_vad: how loud speech must be, 0 to 1.</summary>
    [Range(0d, 1d)]
    public double? Threshold { get; set; }

    /// <summary>server_vad: milliseconds of audio kept from before the speech.</summary>
    [Range(0, 10_000)]
    public int? PrefixPaddingMs { get; set; }

    /// <summary>server_vad: milliseconds of silence that end a turn.</summary>
    [Range(0, 10_000)]
    public int? SilenceDurationMs { get; set; }

    /// <summary>server_vad: milliseconds after which the model speaks up by itself.</summary>
    [Range(5000, 30_000)]
    public int? IdleTimeoutMs { get; set; }

    /// <summary>semantic_vad: how soon the model answers.</summary>
    public Eagerness? Eagerness { get; set; }

    /// <summary>Whether the model answers by itself when a turn has ended.</summary>
    public bool? CreateResponse { get; set; }

    /// <summary>Whether it falls silent when the user begins to speak.</summary>
    public bool? InterruptResponse { get; set; }
}

/// <summary>How a browser gets to the service: with a secret of its own, or by an offer that the gateway takes there.</summary>
internal enum Way
{
    Token,
    Relay,
}

/// <summary>What the model answers with; the service takes one of them, never both.</summary>
internal enum OutputModality
{
    Audio,
    Text,
}

/// <summary>Who decides that a turn has ended: silence, meaning, or the client itself.</summary>
internal enum TurnDetectionType
{
    ServerVad,
    SemanticVad,
    None,
}

/// <summary>How soon semantic turn detection lets the model answer.</summary>
internal enum Eagerness
{
    Auto,
    Low,
    Medium,
    High,
}

/// <summary>Where the microphone is: at the mouth, or somewhere in the room.</summary>
internal enum NoiseReduction
{
    NearField,
    FarField,
}

/// <summary>The members of <c>POST /sessions</c>.</summary>
internal enum SessionMember
{
    Model,
    Voice,
    Instructions,
    Modalities,
    Tools,
}
