using System.Buffers;
using System.IO.Pipelines;
using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>Reads a caller's body to its end, for the requests that need it whole.</summary>
internal static class CallersBody
{
    /// <summary>The whole body, of <paramref name="limit"/> bytes at most, or why there is none. Whoever got it gives it back by <see cref="Release"/>.</summary>
    public static async ValueTask<(ReadOnlySequence<byte> Body, GatewayError? Error)> ReadAsync(HttpContext context, int limit)
    {
        try
        {
            return await ReadAsync(context.Request.BodyReader, limit, context.RequestAborted) is { } body ? (body, null) : (default, WhyNone(context));
        }
        catch (BadHttpRequestException e)
        {
            return (default, GatewayError.ForStatus(e.StatusCode));
        }
        catch (Exception e) when (SaysGone(e))
        {
            return (default, GatewayError.CallerGone);
        }
        // Trailers that are no text: the server lets the exception of its decoder through.
        catch (InvalidOperationException)
        {
            return (default, GatewayError.InvalidRequest);
        }
    }

    /// <summary>Gives back what was read; an error when the caller has left meanwhile, as HTTP/2 says here.</summary>
    public static GatewayError? Release(HttpContext context, ReadOnlySequence<byte> body)
    {
        try
        {
            context.Request.BodyReader.AdvanceTo(body.End);
            return null;
        }
        catch (Exception e) when (SaysGone(e))
        {
            return GatewayError.CallerGone;
        }
    }

    /// <summary>The whole body; <c>null</c> when it is too long or the time is up.</summary>
    private static ValueTask<ReadOnlySequence<byte>?> ReadAsync(PipeReader reader, int limit, CancellationToken cancellation)
    {
        // Nearly always it came together with its headers.
        if (!reader.TryRead(out var result))
            return WaitAsync(reader, limit, cancellation);
        if (result is { IsCompleted: true, IsCanceled: false } && result.Buffer.Length <= limit)
            return new(result.Buffer);
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
        return WaitAsync(reader, limit, cancellation);
    }

    private static async ValueTask<ReadOnlySequence<byte>?> WaitAsync(PipeReader reader, int limit, CancellationToken cancellation)
    {
        // Cancelling the read itself would leave it pending, and Kestrel could not end the request properly.
        await using var _ = cancellation.Register(static reader => Cancel((PipeReader)reader!), reader);
        while (true)
        {
            var result = await reader.ReadAsync(CancellationToken.None);
            if (result is { IsCompleted: true, IsCanceled: false } && result.Buffer.Length <= limit)
                return result.Buffer;
            if (result.IsCanceled || result.Buffer.Length > limit)
            {
                reader.AdvanceTo(result.Buffer.End);
                return null;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static void Cancel(PipeReader reader)
    {
        try
        {
            reader.CancelPendingRead();
        }
        // As the read itself says; the reader of such a request throws it at everybody.
        catch (Exception e) when (SaysGone(e) || e is ObjectDisposedException)
        {
        }
    }

    private static GatewayError WhyNone(HttpContext context)
    {
        if (!context.RequestAborted.IsCancellationRequested)
            return GatewayError.RequestTooLarge;
        return context.Features.Get<Exchange>() is { Clock.CallerLeft: false } ? GatewayError.SlowRequest : GatewayError.CallerGone;
    }

    /// <summary>Whether the request is no more: the caller's connection broke, the caller took the request back, or it broke a rule of HTTP/2.</summary>
    private static bool SaysGone(Exception e) => e is IOException or OperationCanceledException;
}
