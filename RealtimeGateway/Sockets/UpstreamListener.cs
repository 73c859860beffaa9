using System.Net.WebSockets;
using RealtimeGateway.Telemetry;

namespace RealtimeGateway.Sockets;

/// <summary>Passes on what the caller may see of what the service sends.</summary>
internal sealed class UpstreamListener(CallersView view, Outbox toCaller, UnknownEvents unknown, TokenMetrics tokens)
{
    /// <summary>Of an event that is written anew, in bytes: the session that it echoes may be long.</summary>
    public const int MaxEvent = 1024 * 1024;

    public async ValueTask HearAsync(Inbox inbox, WebSocketMessageType type)
    {
        var passage = type is WebSocketMessageType.Binary ? Passage.Drop : await PassageOfAsync(inbox);
        await (passage switch
        {
            Passage.Pass => PassAsync(inbox),
            Passage.Rewrite => RewriteAsync(inbox),
            _ => inbox.SkipAsync(),
        });
    }

    // The type comes among the first members, and so in the first piece.
    private async ValueTask<Passage> PassageOfAsync(Inbox inbox)
    {
        while (true)
        {
            var passage = ServerEvents.PassageOf(inbox.Bytes.Span, inbox.IsEnd, out var name);
            if (name is not null)
                unknown.Note(view.Destination.Name, name);
            if (passage is { } known)
                return known;
            if (inbox.IsEnd || inbox.Bytes.Length >= MaxEvent)
                return Passage.Drop;
            await inbox.ReadToEndAsync(inbox.Bytes.Length + 1);
        }
    }

    private async ValueTask PassAsync(Inbox inbox)
    {
        await toCaller.EnterAsync();
        try
        {
            while (true)
            {
                await toCaller.WriteAsync(inbox.Bytes, inbox.IsEnd);
                if (inbox.IsEnd)
                    return;
                await inbox.NextPieceAsync();
            }
        }
        finally
        {
            toCaller.Leave();
        }
    }

    private async ValueTask RewriteAsync(Inbox inbox)
    {
        if (!await inbox.ReadToEndAsync(MaxEvent) || view.Of(inbox.Bytes) is not { } seen)
            throw new EndedException(Ending.UpstreamUnreadable);
        tokens.Hear(inbox.Bytes, view.Profile, view.Model);
        await toCaller.SendAsync(seen);
    }
}
