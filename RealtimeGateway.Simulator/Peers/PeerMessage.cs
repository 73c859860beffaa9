using System.Text.Json.Serialization;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>
/// A text frame between simulator and peer. To the peer: <c>waiting</c> once it may be chosen, <c>offer</c> with <c>sdp</c>, <c>event</c> with <c>data</c> for the data channel, <c>silence</c>. From it:
/// <c>answer</c> with <c>sdp</c>, <c>refused</c> or <c>deaf</c> with <c>message</c>, <c>open</c> when the data channel is, <c>event</c> with <c>data</c> from it.
/// </summary>
internal sealed record PeerMessage(string Type)
{
    public string? Sdp { get; init; }

    public string? Data { get; init; }

    public string? Message { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PeerMessage))]
internal sealed partial class PeerJson : JsonSerializerContext;
