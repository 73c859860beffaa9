using System.Text.Json;

namespace RealtimeGateway.Sessions;

/// <summary>
/// The preview protocol that Azure deprecated on 2026-04-30: <c>/openai/realtimeapi/sessions?api-version=…</c>, a flat session, SDP at a
/// regional host. A secret lives about a minute, and no lifetime can be asked for.
/// </summary>
internal sealed class PreviewDialect(string apiVersion) : IRealtimeDialect
{
    public string? Warning => $"The preview protocol ({apiVersion}) was deprecated by Azure on 2026-04-30; move to /openai/v1";

    public PathString? MintPath { get; } = "/openai/realtimeapi/sessions";

    public string? ApiVersion => apiVersion;

    public bool TakesCalls => false;

    /// <summary>The regional address wants the deployment in its query; it is added unless the configured address names one.</summary>
    public string WebRtcUrl(Uri address, Uri? configured, string? deployment)
    {
        if (configured is null)
            return address.AbsoluteUri;
        var separator = configured.Query.Length == 0 ? '?' : '&';
        return configured.Query.Contains("model=", StringComparison.Ordinal) || deployment is null
            ? configured.AbsoluteUri
            : $"{configured.AbsoluteUri}{separator}model={Uri.EscapeDataString(deployment)}";
    }

    public void WriteMintRequest(Utf8JsonWriter writer, RequestedSession session, string deployment)
    {
        var options = session.Profile.Options;
        writer.WriteStartObject();
        writer.WriteString("model"u8, deployment);
        writer.WriteString("voice"u8, session.Voice);
        if (session.Instructions is not null)
            writer.WriteString("instructions"u8, session.Instructions);
        writer.WriteStartArray("modalities"u8);
        if (session.OutputModality is OutputModality.Audio)
            writer.WriteStringValue("audio"u8);
        writer.WriteStringValue("text"u8);
        writer.WriteEndArray();
        SessionJson.WriteTranscription(writer, "input_audio_transcription"u8, options.Transcription);
        SessionJson.WriteNoiseReduction(writer, "input_audio_noise_reduction"u8, options.NoiseReduction);
        SessionJson.WriteTurnDetection(writer, options.TurnDetection);
        SessionJson.WriteTools(writer, session);
        if (options.MaxOutputTokens is { } tokens)
            writer.WriteNumber("max_response_output_tokens"u8, tokens);
        writer.WriteEndObject();
    }
}
