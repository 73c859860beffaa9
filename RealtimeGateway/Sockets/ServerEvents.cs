using System.Collections.Frozen;
using System.Text.Json;

namespace RealtimeGateway.Sockets;

/// <summary>What becomes of an event of the service.</summary>
internal enum Passage
{
    /// <summary>It stays inside.</summary>
    Drop,

    /// <summary>It is passed on as it came.</summary>
    Pass,

    /// <summary>It is written anew, without what stays inside.</summary>
    Rewrite,
}

/// <summary>
/// Which events of the service reach a caller: schemas <c>RealtimeServerEvent*</c>. Unknown ones stay inside, since nobody can say what they hold; a client
/// has to ignore those in any case. <c>rate_limits.updated</c> tells the resource's quota, and <c>mcp</c> events come of no tool that a profile
/// or a caller can have.
/// </summary>
internal static class ServerEvents
{
    private static readonly FrozenDictionary<string, Passage> Known = new Dictionary<string, Passage>(StringComparer.Ordinal)
    {
        ["session.created"] = Passage.Rewrite,
        ["session.updated"] = Passage.Rewrite,
        ["error"] = Passage.Rewrite,
        ["response.created"] = Passage.Rewrite,
        ["response.done"] = Passage.Rewrite,
        ["conversation.item.input_audio_transcription.failed"] = Passage.Rewrite,
        ["rate_limits.updated"] = Passage.Drop,
        ["mcp_list_tools.in_progress"] = Passage.Drop,
        ["mcp_list_tools.completed"] = Passage.Drop,
        ["mcp_list_tools.failed"] = Passage.Drop,
        ["response.mcp_call_arguments.delta"] = Passage.Drop,
        ["response.mcp_call_arguments.done"] = Passage.Drop,
        ["response.mcp_call.in_progress"] = Passage.Drop,
        ["response.mcp_call.completed"] = Passage.Drop,
        ["response.mcp_call.failed"] = Passage.Drop,
        ["conversation.created"] = Passage.Pass,
        ["conversation.item.added"] = Passage.Pass,
        ["conversation.item.created"] = Passage.Pass,
        ["conversation.item.done"] = Passage.Pass,
        ["conversation.item.retrieved"] = Passage.Pass,
        ["conversation.item.deleted"] = Passage.Pass,
        ["conversation.item.truncated"] = Passage.Pass,
        ["conversation.item.input_audio_transcription.delta"] = Passage.Pass,
        ["conversation.item.input_audio_transcription.completed"] = Passage.Pass,
        ["conversation.item.input_audio_transcription.segment"] = Passage.Pass,
        ["input_audio_buffer.committed"] = Passage.Pass,
        ["input_audio_buffer.cleared"] = Passage.Pass,
        ["input_audio_buffer.speech_started"] = Passage.Pass,
        ["input_audio_buffer.speech_stopped"] = Passage.Pass,
        ["input_audio_buffer.timeout_triggered"] = Passage.Pass,
        ["input_audio_buffer.dtmf_event_received"] = Passage.Pass,
        ["output_audio_buffer.started"] = Passage.Pass,
        ["output_audio_buffer.stopped"] = Passage.Pass,
        ["output_audio_buffer.cleared"] = Passage.Pass,
        ["response.output_item.added"] = Passage.Pass,
        ["response.output_item.done"] = Passage.Pass,
        ["response.content_part.added"] = Passage.Pass,
        ["response.content_part.done"] = Passage.Pass,
        ["response.output_text.delta"] = Passage.Pass,
        ["response.output_text.done"] = Passage.Pass,
        ["response.output_audio.delta"] = Passage.Pass,
        ["response.output_audio.done"] = Passage.Pass,
        ["response.output_audio_transcript.delta"] = Passage.Pass,
        ["response.output_audio_transcript.done"] = Passage.Pass,
        ["response.function_call_arguments.delta"] = Passage.Pass,
        ["response.function_call_arguments.done"] = Passage.Pass,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Passage>.AlternateLookup<ReadOnlySpan<char>> BySpan = Known.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly int LongestName = Known.Keys.Max(name => name.Length);

    /// <summary>What becomes of the event that begins so; <c>null</c> when its type has not come yet.</summary>
    /// <param name="unknown">The type of an event that nobody knows.</param>
    public static Passage? PassageOf(ReadOnlySpan<byte> head, bool isWhole, out string? unknown)
    {
        unknown = null;
        try
        {
            var reader = new Utf8JsonReader(head, isWhole, state: default);
            if (!reader.Read())
                return null;
            if (reader.TokenType is not JsonTokenType.StartObject)
                return Passage.Drop;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                if (isType && reader.Read())
                    return ByName(ref reader, out unknown);
                if (isType || !reader.TrySkip())
                    return null;
            }

            return isWhole ? Passage.Drop : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Passage.Drop;
        }
    }

    /// <summary>Whether this whole event is passed on as it came.</summary>
    public static bool MayPass(ReadOnlySpan<byte> message) => PassageOf(message, isWhole: true, out _) is Passage.Pass;

    private static Passage ByName(ref Utf8JsonReader reader, out string? unknown)
    {
        unknown = null;
        Span<char> name = stackalloc char[LongestName];
        if (reader.TokenType is not JsonTokenType.String)
            return Passage.Drop;
        if (reader.ValueSpan.Length <= LongestName && BySpan.TryGetValue(name[..reader.CopyString(name)], out var passage))
            return passage;
        unknown = reader.GetString();
        return Passage.Drop;
    }
}
