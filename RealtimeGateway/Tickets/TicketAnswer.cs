using System.Buffers;
using System.Text.Json;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Tickets;

/// <summary>
/// The service's answer to <c>POST …/client_secrets</c> with a ticket for the secret. The session shows what a socket would show of it, so neither instructions nor
/// tools; its id names nothing, for there is no session yet.
/// </summary>
internal static class TicketAnswer
{
    public static ReadOnlyMemory<byte> Write(string text, Ticket ticket, RequestedSession session)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("value"u8, text);
        writer.WriteNumber("expires_at"u8, ticket.Expires.ToUnixTimeSeconds());
        writer.WriteStartObject("session"u8);
        writer.WriteString("object"u8, "realtime.session"u8);
        writer.WriteString("id"u8, $"sess_{Guid.NewGuid():n}");
        CallersView.WriteSession(SettingsOf(session), session.Model, writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static JsonElement SettingsOf(RequestedSession session)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
            GaDialect.WriteSession(writer, session, deployment: null);
        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
