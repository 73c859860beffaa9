using System.Security.Cryptography;

namespace RealtimeGateway.Web;

/// <summary>
/// Gives every request an id of the gateway's own, in logs (as the trace identifier) and on the response (<c>x-request-id</c>). A caller's
/// value is not taken over: it would end up in logs.
/// </summary>
internal static class RequestId
{
    public const string HeaderName = "x-request-id";

    private static readonly string Process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    private static long _count;

    public static IApplicationBuilder UseRequestId(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.TraceIdentifier = Next();
        context.Response.OnStarting(WriteAsync, context);
        return next(context);
    });

    // Unique, not secret: a random number for the process and a count, which costs no system call per request.
    private static string Next() => $"req_{Process}{Interlocked.Increment(ref _count):x16}";

    // Written as the response starts, so that a response cleared on the way keeps it.
    private static Task WriteAsync(object state)
    {
        var context = (HttpContext)state;
        context.Response.Headers[HeaderName] = context.TraceIdentifier;
        return Task.CompletedTask;
    }
}
