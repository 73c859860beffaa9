using System.Collections.Frozen;

namespace RealtimeGateway.Simulator.Answers;

/// <summary>Answers 431 as soon as more than ten custom request headers arrive, as Azure's quota page documents.</summary>
internal sealed class CustomHeaderLimit(RequestDelegate next)
{
    private const int MaxCustomHeaders = 10;

    private static readonly FrozenSet<string> Standard = new[]
    {
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "api-key", "Authorization", "Cache-Control", "Connection",
        "Content-Encoding", "Content-Language", "Content-Length", "Content-Type", "Cookie", "Date", "Expect", "Forwarded", "Host",
        "Keep-Alive", "Origin", "Pragma", "Referer", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "Via",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext http)
    {
        var custom = http.Request.Headers.Keys.Count(name => !Standard.Contains(name));
        return custom > MaxCustomHeaders ? AzureErrors.TooManyHeaders.WriteAsync(http) : next(http);
    }
}
