using System.Net.WebSockets;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

namespace RealtimeGateway.Sockets;

/// <summary>Passes on what the caller may send; to the rest the caller gets an <c>error</c> event, and nothing of it reaches the destination.</summary>
internal sealed class CallerListener(CallerEvents rules, Outbox toCaller, Outbox toUpstream, GatewayMetrics metrics)
{
    /// <summary>Of an event that is looked into, in bytes.</summary>
    public const int MaxEvent = 256 * 1024;

    public ValueTask HearAsync(Inbox inbox, WebSocketMessageType type)
    {
        if (type is WebSocketMessageType.Binary)
            return RefuseAsync(inbox, GatewayError.InvalidRequest.Saying("An event is a text message, not a binary one."));
        return !inbox.IsEnd && LongAudio.TryBegin(inbox.Bytes.Span, out var begin) is { } audio
            ? PassAudioAsync(inbox, audio, begin)
            : PassEventAsync(inbox);
    }

    private async ValueTask PassEventAsync(Inbox inbox)
    {
        if (!inbox.IsEnd && !await inbox.ReadToEndAsync(MaxEvent))
        {
            await RefuseAsync(inbox, GatewayError.RequestTooLarge.Saying($"This event may have {MaxEvent / 1024} KiB."));
            return;
        }

        var judgement = rules.Judge(inbox.Bytes);
        if (judgement.Error is { } error)
            await RefuseAsync(inbox, error, judgement.EventId);
        else
            await toUpstream.SendAsync(judgement.Event);
    }

    private async ValueTask RefuseAsync(Inbox inbox, GatewayError error, string? eventId = null)
    {
        await inbox.SkipAsync();
        metrics.Rejected(error);
        await toCaller.SendAsync(CallersView.OfRefusal(error, eventId));
    }

    private async ValueTask PassAudioAsync(Inbox inbox, LongAudio audio, int begin)
    {
        await toUpstream.EnterAsync();
        try
        {
            await toUpstream.WriteAsync(LongAudio.Begin, isEnd: false);
            for (; ; begin = 0)
            {
                var piece = inbox.Bytes[begin..];
                var length = audio.Take(piece.Span);
                if (length < 0)
                    await RefuseHalfSentAsync();
                await toUpstream.WriteAsync(piece[..length], isEnd: false);
                if (inbox.IsEnd)
                    break;
                await inbox.NextPieceAsync();
            }

            if (audio.End() is { } end)
                await toUpstream.WriteAsync(end, isEnd: true);
            else
                await RefuseHalfSentAsync();
        }
        finally
        {
            toUpstream.Leave();
        }
    }

    // The destination has the beginning of an event that must never be completed, so this is the end of the connection.
    private async ValueTask RefuseHalfSentAsync()
    {
        var error = GatewayError.InvalidJson.Saying("This event began as audio and went on as something else.");
        metrics.Rejected(error);
        await toCaller.SendAsync(CallersView.OfRefusal(error, callersEventId: null));
        throw new EndedException(Ending.NoAppend);
    }
}
