using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>What becomes of an event: it is passed on as <paramref name="Event"/>, or refused for <paramref name="Error"/>.</summary>
/// <param name="EventId">The caller's own id of a refused event, if it gave one.</param>
internal readonly record struct Judgement(ReadOnlyMemory<byte> Event, GatewayError? Error, string? EventId)
{
    public static Judgement Pass(ReadOnlyMemory<byte> message) => new(message, Error: null, EventId: null);

    public static Judgement Refuse(GatewayError error, string? eventId) => new(default, error, eventId);
}
