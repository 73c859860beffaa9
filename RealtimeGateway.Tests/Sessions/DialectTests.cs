using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Sessions;

public sealed class DialectTests
{
    private const string Full = """
        {
          "Realtime": {
            "Profiles": {
              "full": {
                "Models": [ "gpt-realtime" ],
                "Voices": [ "cedar" ],
                "Instructions": "Be brief.",
                "Transcription": { "Model": "my-transcriber", "Language": "en", "Prompt": "names" },
                "NoiseReduction": "far_field",
                "TurnDetection": {
                  "Type": "server_vad", "Threshold": 0.6, "PrefixPaddingMs": 200, "SilenceDurationMs": 400, "IdleTimeoutMs": 6000,
                  "CreateResponse": true, "InterruptResponse": false
                },
                "MaxOutputTokens": 500,
                "SecretLifetimeSeconds": 90,
                "Tools": [ { "Name": "f", "Description": "d", "Parameters": "{\"type\":\"object\",\"properties\":{\"digit\":{\"enum\":[\"1\",\"2\"]}}}" } ]
              }
            }
          }
        }
        """;

    [Fact]
    public void A_full_profile_in_the_words_of_general_availability() => AssertWritten(new GaDialect(), Full, """
        {
          "expires_after": { "anchor": "created_at", "seconds": 90 },
          "session": {
            "type": "realtime",
            "model": "my-deployment",
            "instructions": "Be brief.",
            "output_modalities": [ "audio" ],
            "audio": {
              "input": {
                "transcription": { "model": "my-transcriber", "language": "en", "prompt": "names" },
                "noise_reduction": { "type": "far_field" },
                "turn_detection": {
                  "type": "server_vad", "threshold": 0.6, "prefix_padding_ms": 200, "silence_duration_ms": 400, "idle_timeout_ms": 6000,
                  "create_response": true, "interrupt_response": false
                }
              },
              "output": { "voice": "cedar" }
            },
            "tools": [ { "type": "function", "name": "f", "description": "d", "parameters": { "type": "object", "properties": { "digit": { "enum": [ "1", "2" ] } } } } ],
            "max_output_tokens": 500
          }
        }
        """);

    [Fact]
    public void The_same_profile_in_the_words_of_the_preview() => AssertWritten(new PreviewDialect("2025-04-01-preview"), Full, """
        {
          "model": "my-deployment",
          "voice": "cedar",
          "instructions": "Be brief.",
          "modalities": [ "audio", "text" ],
          "input_audio_transcription": { "model": "my-transcriber", "language": "en", "prompt": "names" },
          "input_audio_noise_reduction": { "type": "far_field" },
          "turn_detection": {
            "type": "server_vad", "threshold": 0.6, "prefix_padding_ms": 200, "silence_duration_ms": 400, "idle_timeout_ms": 6000,
            "create_response": true, "interrupt_response": false
          },
          "tools": [ { "type": "function", "name": "f", "description": "d", "parameters": { "type": "object", "properties": { "digit": { "enum": [ "1", "2" ] } } } } ],
          "max_response_output_tokens": 500
        }
        """);

    [Theory]
    [InlineData("""{ "Type": "none" }""", "null")]
    [InlineData("""{ "Type": "semantic_vad", "Eagerness": "high" }""", """{"type":"semantic_vad","eagerness":"high"}""")]
    public void Turn_detection_can_be_off_or_semantic(string configured, string written) => AssertWritten(
        new GaDialect(),
        $$"""
        { "Realtime": { "Profiles": { "p": { "Models": [ "m" ], "Voices": [ "v" ], "OutputModality": "text", "TurnDetection": {{configured}} } } } }
        """,
        $$"""
        {
          "expires_after": { "anchor": "created_at", "seconds": 60 },
          "session": {
            "type": "realtime", "model": "my-deployment", "output_modalities": [ "text" ],
            "audio": { "input": { "turn_detection": {{written}} }, "output": { "voice": "v" } }
          }
        }
        """);

    [Theory]
    [InlineData("https://r.ai.azure.com/v1/realtimertc", "https://r.ai.azure.com/v1/realtimertc?model=my%20deployment")]
    [InlineData("https://r.ai.azure.com/v1/realtimertc?model=set", "https://r.ai.azure.com/v1/realtimertc?model=set")]
    [InlineData("https://r.ai.azure.com/v1/realtimertc?x=1", "https://r.ai.azure.com/v1/realtimertc?x=1&model=my%20deployment")]
    public void The_previews_regional_address_names_the_deployment(string configured, string expected) => Assert.Equal(
        expected, new PreviewDialect("2025-04-01-preview").WebRtcUrl(new("https://r.openai.azure.com/"), new(configured), "my deployment"));

    private static void AssertWritten(IRealtimeDialect dialect, string settings, string expected)
    {
        var faults = new ConfigurationFaults();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(settings));
        var profile = Assert.Single(SessionProfile.Read(new ConfigurationBuilder().AddJsonStream(stream).Build(), CallerSchemes.None, faults).Values);
        Assert.Empty(faults.List);

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            dialect.WriteMintRequest(writer, new RequestedSession(profile, profile.DefaultModel), "my-deployment");

        Assert.Equal(Answers.Normal(expected), Answers.Normal(Encoding.UTF8.GetString(buffer.WrittenSpan)));
    }
}
