using System.Text.Json;

namespace RealtimeGateway.Sessions;

/// <summary>General availability: <c>/openai/v1/realtime/client_secrets</c>, no <c>api-version</c>, the session nested under <c>session</c>.</summary>
internal sealed class GaDialect : IRealtimeDialect
{
    private const string CallsPath = "openai/v1/realtime/calls";

    /// <summary>Where the gateway mints by itself.</summary>
    public static readonly PathString SecretsPath = "/openai/v1/realtime/client_secrets";

    public string? Warning => null;

    public PathString? MintPath => null;

    public string? ApiVersion => null;

    public bool TakesCalls => true;

    /// <summary>Where a call is ended.</summary>
    /// <param name="call">Azure's id.</param>
    public static PathString HangUpPath(string call) => $"/{CallsPath}/{call}/hangup";

    public string WebRtcUrl(Uri address, Uri? configured, string? deployment) => configured?.AbsoluteUri ?? new Uri(address, CallsPath).AbsoluteUri;

    public void WriteMintRequest(Utf8JsonWriter writer, RequestedSession session, string deployment)
    {
        var options = session.Profile.Options;
        writer.WriteStartObject();
        writer.WriteStartObject("expires_after"u8);
        writer.WriteString("anchor"u8, "created_at"u8);
        writer.WriteNumber("seconds"u8, session.SecretLifetimeSeconds);
        writer.WriteEndObject();

        writer.WritePropertyName("session"u8);
        WriteSession(writer, session, deployment);
        writer.WriteEndObject();
    }

    /// <summary>Writes the session itself, as minting asks for it and as <c>session.update</c> sets it.</summary>
    /// <param name="deployment"><c>null</c> where the model has been chosen already and cannot be changed.</param>
    public static void WriteSession(Utf8JsonWriter writer, RequestedSession session, string? deployment)
    {
        var options = session.Profile.Options;
        writer.WriteStartObject();
        writer.WriteString("type"u8, "realtime"u8);
        if (deployment is not null)
            writer.WriteString("model"u8, deployment);
        if (session.Instructions is not null)
            writer.WriteString("instructions"u8, session.Instructions);
        WriteModality(writer, session.OutputModality);
        WriteAudio(writer, options, session.Voice);
        SessionJson.WriteTools(writer, session);
        if (options.MaxOutputTokens is { } tokens)
            writer.WriteNumber("max_output_tokens"u8, tokens);
        writer.WriteEndObject();
    }

    public static void WriteModality(Utf8JsonWriter writer, OutputModality modality)
    {
        writer.WriteStartArray("output_modalities"u8);
        writer.WriteStringValue(modality is OutputModality.Text ? "text"u8 : "audio"u8);
        writer.WriteEndArray();
    }

    public static void WriteVoice(Utf8JsonWriter writer, string voice)
    {
        writer.WriteStartObject("output"u8);
        writer.WriteString("voice"u8, voice);
        writer.WriteEndObject();
    }

    private static void WriteAudio(Utf8JsonWriter writer, SessionProfileOptions options, string voice)
    {
        writer.WriteStartObject("audio"u8);
        if (options is not { Transcription: null, NoiseReduction: null, TurnDetection: null })
        {
            writer.WriteStartObject("input"u8);
            SessionJson.WriteTranscription(writer, "transcription"u8, options.Transcription);
            SessionJson.WriteNoiseReduction(writer, "noise_reduction"u8, options.NoiseReduction);
            SessionJson.WriteTurnDetection(writer, options.TurnDetection);
            writer.WriteEndObject();
        }

        WriteVoice(writer, voice);
        writer.WriteEndObject();
    }
}
