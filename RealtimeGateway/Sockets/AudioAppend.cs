using System.Text.Json;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Recognises the client event <c>input_audio_buffer.append</c>, which is nearly all that a caller sends and passes on as it came. It must not be
/// possible to write another event that looks like one here and like something else upstream, so only this counts: strict JSON, one
/// object, the members <c>type</c>, <c>audio</c> and <c>event_id</c> in any order, none twice, none escaped, each a text.
/// </summary>
internal static class AudioAppend
{
    public const int MaxEventId = 512;

    /// <summary>What may stand before and after the audio, in bytes.</summary>
    public const int MaxFrame = 1024;

    [Flags]
    private enum Members
    {
        None = 0,
        Type = 1,
        Audio = 2,
        EventId = 4,
    }

    /// <summary>Whether this is one, whole. <c>false</c> says only that somebody has to look closer.</summary>
    public static bool Is(ReadOnlySpan<byte> message)
    {
        try
        {
            var reader = new Utf8JsonReader(message);
            return ReadMembers(ref reader, out var _) is (Members.Type | Members.Audio) or (Members.Type | Members.Audio | Members.EventId)
                && reader.TokenType is JsonTokenType.EndObject && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>
    /// Where the audio begins, behind its quote, in a message that is so long that only its first bytes are here; −1 unless all that was read
    /// could be the beginning of such an event.
    /// </summary>
    public static int BeginOfAudio(ReadOnlySpan<byte> head)
    {
        try
        {
            var reader = new Utf8JsonReader(head, isFinalBlock: false, state: default);
            ReadMembers(ref reader, out var open);
            if (open is not Members.Audio)
                return -1;
            var value = head[(int)reader.BytesConsumed..];
            var quote = value.IndexOfAnyExcept(" \t\r\n"u8);
            var begin = (int)reader.BytesConsumed + quote + 1;
            return quote >= 0 && value[quote] == '"' && begin <= MaxFrame ? begin : -1;
        }
        catch (JsonException)
        {
            return -1;
        }
    }

    /// <summary>The members that came; none when there was one that an append does not have.</summary>
    /// <param name="open">The one whose value has not come whole; the reader stands before it.</param>
    private static Members ReadMembers(ref Utf8JsonReader reader, out Members open)
    {
        open = Members.None;
        var seen = Members.None;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            return Members.None;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var member = MemberAt(ref reader);
            if (member is Members.None || seen.HasFlag(member))
                return Members.None;
            seen |= member;
            if (!reader.Read())
            {
                open = member;
                return seen;
            }

            if (!IsFitting(member, ref reader))
                return Members.None;
        }

        return seen;
    }

    private static Members MemberAt(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Members.None
        : reader.ValueTextEquals("type"u8) ? Members.Type
        : reader.ValueTextEquals("audio"u8) ? Members.Audio
        : reader.ValueTextEquals("event_id"u8) ? Members.EventId
        : Members.None;

    private static bool IsFitting(Members member, ref Utf8JsonReader reader) => reader.TokenType is JsonTokenType.String && member switch
    {
        Members.Type => !reader.ValueIsEscaped && reader.ValueTextEquals("input_audio_buffer.append"u8),
        Members.EventId => !reader.ValueIsEscaped && reader.ValueSpan.Length <= MaxEventId,
        _ => true,
    };
}
