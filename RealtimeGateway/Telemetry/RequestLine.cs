using ZLogger;

namespace RealtimeGateway.Telemetry;

/// <summary>The one line that every request leaves. ZLogger's generator writes it without making texts of its parts first, and takes no nested class.</summary>
internal static partial class RequestLine
{
    [ZLoggerMessage(
        1, LogLevel.Information,
        "{method} {route} {status} {outcome}: profile {profile}, destination {destination}, attempts {attempts}, {milliseconds} ms, upstream {upstreamMilliseconds} ms, own {ownMilliseconds} ms, caller {caller}, request {requestId}, apim-request-id {upstreamRequestId}",
        SkipEnabledCheck = true)]
    public static partial void Write(
        ILogger logger, string method, string route, int status, string outcome, string profile, string destination, int attempts,
        decimal milliseconds, decimal upstreamMilliseconds, decimal ownMilliseconds, string caller, string requestId, string upstreamRequestId);
}
