using System.Net.WebSockets;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Sockets;

/// <summary>
/// Two sockets, a caller's and one to a destination, as one conversation: each listener passes on what may pass, and the end of one side is the end
/// of the other.
/// </summary>
internal sealed partial class Relay(
    HttpContext context, WebSocket caller, WebSocket upstream, CallersView view, TimeSpan idleTimeout, TimeProvider time, ILogger logger)
{
    /// <summary>How long a side may take to say goodbye when the other has.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardAt = time.GetTimestamp();
    private Ending _first = Ending.OurMistake;
    private string? _reason;

    public Outbox ToCaller { get; } = new(caller);

    public Outbox ToUpstream { get; } = new(upstream);

    /// <summary>Goes on until both have said goodbye, or had time to.</summary>
    /// <returns>Why it ended: the reason that the gateway gave, <c>caller_closed</c> or <c>upstream_closed</c>.</returns>
    public async Task<string> RunAsync(CallerListener callerListener, UpstreamListener upstreamListener, CancellationToken stopping)
    {
        var fromCaller = ListenAsync(caller, callerListener.HearAsync, Ending.CallerGone, ToCaller, ToUpstream);
        var fromUpstream = ListenAsync(upstream, upstreamListener.HearAsync, Ending.UpstreamGone, ToUpstream, ToCaller);
        using var timer = new PeriodicTimer(TimeSpan.FromTicks(Math.Min(idleTimeout.Ticks / 4, LongestTick.Ticks)), time);
        var watching = WatchAsync(timer, stopping);
        await Task.WhenAny(_ended.Task, watching);

        timer.Dispose();
        var ending = await watching;
        var reason = ending?.Reason ?? _reason ?? Ending.OurMistake.Reason!;
        var goodbyes = ending is null ? Task.CompletedTask : CloseBothAsync(ending);
        var all = Task.WhenAll(fromCaller, fromUpstream, goodbyes);
        await all.WaitAsync(Linger, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!all.IsCompleted)
            await AbortAsync(fromCaller, fromUpstream, all);
        return reason;
    }

    /// <summary>Why it has to end while both sides would go on; <c>null</c> when one of them has ended it.</summary>
    private async Task<Ending?> WatchAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            do
            {
                if (time.GetElapsedTime(Volatile.Read(ref _heardAt)) >= idleTimeout)
                    return Ending.Idle;
            }
            while (await timer.WaitForNextTickAsync(stopping));
            return null;
        }
        catch (OperationCanceledException)
        {
            return Ending.Draining;
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, context.TraceIdentifier);
            return Ending.OurMistake;
        }
    }

    /// <summary>Hears one side until it ends, and tells the other side how. It never throws.</summary>
    private async Task ListenAsync(WebSocket socket, Func<Inbox, WebSocketMessageType, ValueTask> hear, Ending gone, Outbox back, Outbox onward)
    {
        var inbox = new Inbox(socket, Hear);
        var ending = await HearAsync(inbox, hear, gone);
        inbox.Release();
        _first = ReferenceEquals(_first, Ending.OurMistake) ? ending : _first;
        _reason ??= !ending.IsByPeer ? ending.Reason : ReferenceEquals(socket, caller) ? "caller_closed" : "upstream_closed";
        _ended.TrySetResult(); // from here on time is short, though neither side should take a goodbye or stop talking
        Log.Ended(logger, ReferenceEquals(socket, caller) ? "caller" : view.Destination.Name, (int)ending.Code, context.TraceIdentifier);
        await onward.CloseAsync(ReferenceEquals(socket, caller) ? ending : Neutral(ending));
        if (!ending.IsOurs)
            return; // the goodbye comes from the other side, after all that it still has to say
        await back.CloseAsync(ending);
        await DrainAsync(socket);
    }

    // By the piece: a long message on a slow line is no silence.
    private void Hear() => Volatile.Write(ref _heardAt, time.GetTimestamp());

    private async Task<Ending> HearAsync(Inbox inbox, Func<Inbox, WebSocketMessageType, ValueTask> hear, Ending gone)
    {
        try
        {
            while (true)
                await hear(inbox, await inbox.NextMessageAsync());
        }
        catch (EndedException e)
        {
            return e.Ending;
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            return gone;
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, context.TraceIdentifier);
            return Ending.OurMistake;
        }
    }

    // What a peer still sends has to be read, or the connection is reset and our goodbye with it.
    private static async Task DrainAsync(WebSocket socket)
    {
        var ignored = new byte[1024];
        try
        {
            while ((await socket.ReceiveAsync(ignored.AsMemory(), CancellationToken.None)).MessageType is not WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (Ending.IsOfConnection(e))
        {
            // It has gone.
        }
    }

    /// <summary>Both get a goodbye, if they take one; who has not said any is cut off, and nobody else, since that would take back what was just sent.</summary>
    private async Task AbortAsync(Task fromCaller, Task fromUpstream, Task all)
    {
        var goodbyes = CloseBothAsync(_first);
        await goodbyes.WaitAsync(TimeSpan.FromSeconds(1), time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!fromUpstream.IsCompleted || !goodbyes.IsCompleted)
            upstream.Abort();
        if (!fromCaller.IsCompleted || !goodbyes.IsCompleted)
        {
            caller.Abort();
            context.Abort(); // or a caller that takes nothing would hold what is being written to it
        }

        await all;
    }

    private Task CloseBothAsync(Ending ending) => Task.WhenAll(ToCaller.CloseAsync(Neutral(ending)), ToUpstream.CloseAsync(ending));

    /// <summary>A reason of the service is passed on only where it looks like an identifier.</summary>
    private Ending Neutral(Ending ending) => ending with { Reason = UpstreamRefusal.CodeOf(ending.Reason, view.Destination) };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The side of {Side} ended with {Code}, request {RequestId}")]
        public static partial void Ended(ILogger logger, string side, int code, string requestId);

        [LoggerMessage(2, LogLevel.Error, "The relay failed, request {RequestId}")]
        public static partial void Failed(ILogger logger, Exception exception, string requestId);
    }
}
