namespace RealtimeGateway.Tests.LeakProof;

/// <summary>Where the contract puts what is planted. Everywhere else it is a leak.</summary>
internal static class Contract
{
    /// <summary>What a destination hears on a socket, after the handshake.</summary>
    public const string SocketOfService = "socket";

    /// <summary>Headers that an answer may have.</summary>
    private static readonly HashSet<string> ToCallers = new(StringComparer.OrdinalIgnoreCase)
    {
        "accept-ranges", "allow", "cache-control", "connection", "content-encoding", "content-length", "content-security-policy", "content-type", "cross-origin-opener-policy",
        "date", "etag", "expires", "last-modified", "location", "permissions-policy", "pragma", "referrer-policy", "retry-after", "sec-websocket-accept", "sec-websocket-protocol", "server",
        "transfer-encoding", "upgrade", "vary", "www-authenticate", "x-content-type-options", "x-frame-options", "x-request-id", "x-should-retry",
    };

    /// <summary>Headers that a request to a destination may have.</summary>
    private static readonly HashSet<string> ToTheService = new(StringComparer.OrdinalIgnoreCase) { "accept", "api-key", "authorization", "content-length", "content-type", "host", "transfer-encoding" };

    private static readonly HashSet<string> OfHandshakes = new(StringComparer.OrdinalIgnoreCase) { "connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol", "sec-websocket-extensions" };

    private static readonly string[] PassThrough = [" /things/", " /indiscreet/", " /gone/", " /lost/"];

    private static readonly Canary[] OfCallersRequests =
    [
        Canaries.Cookie, Canaries.SubscriptionKey, Canaries.Header, Canaries.UserAgent, Canaries.Trace, Canaries.TraceId, Canaries.Forwarded, Canaries.Query, Canaries.QueryKey, Canaries.Path,
        Canaries.Member, Canaries.Value, Canaries.HiddenProfile,
    ];

    public static bool AllowsHeader(Output output) => output.Audience switch
    {
        Audience.Caller => ToCallers.Contains(output.Text) || IsOpen(output.Where),
        Audience.Stranger => false,
        Audience.Service => ToTheService.Contains(output.Text) || IsOpen(output.Where) || (output.Where.StartsWith("GET /openai/v1/realtime", StringComparison.Ordinal) && OfHandshakes.Contains(output.Text)),
        _ => true,
    };

    public static bool Allows(Canary canary, Output output) => output.Audience switch
    {
        Audience.Caller => AllowsCaller(canary, output),
        Audience.Service => AllowsService(canary, output),
        Audience.Log => AllowsLog(canary, output),
        Audience.Operator => output.Where is ProofCommand.Doctor ? IsOfDestination(canary) : !Canaries.Secrets.Contains(canary),
        _ => false,
    };

    private static bool AllowsCaller(Canary canary, Output output) =>
        (canary == Canaries.Host && ((output is { Part: "body $.webrtc_url" } && IsMint(output.Where)) || (output.Part is "header content-security-policy" && output.Where is "GET / 200" or "GET /index.html 200")))
        || (canary == Canaries.Member && output.Part is "body $.error.param" or "frame $.error.param") // it is named so that the caller finds it
        || (canary == Canaries.Said && output.Part.StartsWith("frame $.", StringComparison.Ordinal)) // the conversation is its own
        || (canary == Canaries.Goodbye && output.Part is "close reason")
        || (IsOpen(output.Where) && !Canaries.Secrets.Contains(canary) && !Canaries.OfProfiles.Contains(canary));

    private static bool AllowsService(Canary canary, Output output)
    {
        if (IsOpen(output.Where))
            return OfCallersRequests.Contains(canary) || (canary == Canaries.Host && output.Part is "header host");
        if (output.Where is SocketOfService)
            return canary == Canaries.Said || canary == Canaries.Goodbye || Canaries.OfProfiles.Contains(canary);
        if (IsPassedThrough(output.Where) && (output.Part is "path" || output.Part.StartsWith("body", StringComparison.Ordinal)))
            return canary == Canaries.Path || canary == Canaries.Member || canary == Canaries.Value; // what a route passes through
        return (output.Part, canary) switch
        {
            ("header api-key", _) => canary == Canaries.Key || canary == Canaries.SpareKey,
            ("header authorization", _) => canary == Canaries.EntraToken,
            ("header host", _) => canary == Canaries.Host,
            ("query", _) => Canaries.Deployments.Contains(canary),
            ("body", _) => canary == Canaries.Offer,
            _ => output.Part.StartsWith("body", StringComparison.Ordinal)
                && (Canaries.Deployments.Contains(canary) || Canaries.OfProfiles.Contains(canary)),
        };
    }

    private static bool AllowsLog(Canary canary, Output output) => (canary == Canaries.RequestId && output.Part is "message" or "state UpstreamRequestId" or "state upstreamRequestId") // Azure's support asks for it
        || canary == Canaries.Bug; // an operator has to find the mistake

    /// <summary>What the doctor names: where it asks, for what, for which profiles, and what Azure's support asks for.</summary>
    private static bool IsOfDestination(Canary canary) =>
        canary == Canaries.Host || canary == Canaries.RequestId || canary == Canaries.HiddenProfile || Canaries.Deployments.Contains(canary);

    /// <summary>A route to a cluster without a credential is YARP's own affair, but for what proves the caller.</summary>
    private static bool IsOpen(string where) => where.Contains(" /open/", StringComparison.Ordinal);

    private static bool IsPassedThrough(string where) => Array.Exists(PassThrough, path => where.Contains(path, StringComparison.Ordinal));

    private static bool IsMint(string where) => where is "POST /sessions 200" or "POST /narrow 200";
}
