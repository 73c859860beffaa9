namespace RealtimeGateway.Web;

/// <summary>
/// One refusal or failure as the caller sees it: the closed list of everything that can go wrong, each with its HTTP status, its
/// <c>code</c> and a message that never carries upstream text. <see cref="Reason"/> names whose fault it was, for metrics.
/// </summary>
internal sealed record GatewayError(int Status, string Code, string Reason, string Message)
{
    /// <summary>The member, query value or header that was wrong; <c>null</c> when no single one was.</summary>
    public string? Param { get; init; }

    /// <summary>Whole seconds after which another try makes sense; becomes <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The <c>type</c> that OpenAI clients know for this status.</summary>
    public string Type => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    /// <summary>The same error about one member, whose name may be the caller's and is cut to a bearable length.</summary>
    public GatewayError About(string param, string message) => this with { Param = param.Length <= MaxParam ? param : param[..MaxParam], Message = message };

    /// <summary>The same error in other words.</summary>
    public GatewayError Saying(string message) => this with { Message = message };

    /// <summary>The same error with a wait, in whole seconds.</summary>
    public GatewayError RetryAfter(int seconds) => this with { RetryAfterSeconds = seconds };

    /// <summary>The same error with a wait, rounded up to whole seconds.</summary>
    public GatewayError RetryAfter(TimeSpan wait) => RetryAfter(Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));

    private const int MaxParam = 64;

    public static readonly GatewayError InvalidRequest = new(400, "invalid_request", "caller_invalid_request", "The request could not be read.");
    public static readonly GatewayError InvalidJson = new(400, "invalid_json", "caller_invalid_json", "The body must be one JSON object.");
    public static readonly GatewayError FieldNotAllowed = new(400, "field_not_allowed", "policy_field_not_allowed", "This member may not be set.");
    public static readonly GatewayError InvalidValue = new(400, "invalid_value", "policy_invalid_value", "This value is not allowed.");
    public static readonly GatewayError InvalidSdp = new(400, "invalid_sdp", "caller_invalid_sdp", "The body must be an SDP offer with v=0 first and an audio section, of 16 sections at most.");
    public static readonly GatewayError Unauthorized = new(401, "unauthorized", "caller_unauthorized", "A valid credential is needed.");
    public static readonly GatewayError Forbidden = new(403, "forbidden", "policy_forbidden", "This is not for this caller.");
    public static readonly GatewayError ForbiddenProfile = Forbidden.About("profile", "There is no such profile for this caller.");
    public static readonly GatewayError NotFound = new(404, "not_found", "caller_not_found", "There is nothing at this path.");
    public static readonly GatewayError CallNotFound = new(404, "call_not_found", "caller_call_not_found", "There is no such call for this caller.");
    public static readonly GatewayError MethodNotAllowed = new(405, "method_not_allowed", "caller_method_not_allowed", "This path does not take this method; see the Allow header.");
    public static readonly GatewayError UpgradeRequired = InvalidRequest with { Status = 426, Reason = "caller_no_upgrade", Message = "This path takes WebSockets." };
    public static readonly GatewayError SlowRequest = InvalidRequest with { Status = 408, Reason = "caller_slow_request", Message = "The request took too long to arrive." };
    public static readonly GatewayError RequestTooLarge = new(413, "request_too_large", "caller_request_too_large", "The body is larger than this path takes.");
    public static readonly GatewayError UnsupportedMediaType = new(415, "unsupported_media_type", "caller_unsupported_media_type", "The content type must be application/json.");
    public static readonly GatewayError RateLimitExceeded = new(429, "rate_limit_exceeded", "policy_rate_limit_exceeded", "Too many requests; see the Retry-After header.");
    public static readonly GatewayError TooManyCalls = new(429, "too_many_calls", "policy_too_many_calls", "Too many calls at the same time; see the Retry-After header.");
    public static readonly GatewayError UpstreamRateLimited = new(429, "upstream_rate_limited", "upstream_rate_limited", "The realtime service is at its limit; see the Retry-After header.");
    public static readonly GatewayError UpstreamRejected = new(400, "upstream_rejected", "upstream_rejected", "The realtime service rejected the request.");
    public static readonly GatewayError UpstreamMisconfigured = new(502, "upstream_misconfigured", "gateway_upstream_misconfigured", "The gateway's own access to the realtime service is not in order.");
    public static readonly GatewayError UpstreamUnavailable = new(502, "upstream_unavailable", "upstream_unavailable", "The realtime service is not available.");
    public static readonly GatewayError UpstreamInvalidResponse = new(502, "upstream_invalid_response", "upstream_invalid_response", "The realtime service gave an answer that could not be read.");
    public static readonly GatewayError UpstreamTimeout = new(504, "upstream_timeout", "upstream_timeout", "The realtime service took too long.");
    public static readonly GatewayError NoDestination = new(503, "no_destination", "gateway_no_destination", "No destination can be used right now.") { RetryAfterSeconds = 1 };
    public static readonly GatewayError IssuerAway = NoDestination with { Reason = "gateway_issuer_away", Message = "Credentials cannot be checked right now; see the Retry-After header." };
    public static readonly GatewayError LimitsUnavailable = NoDestination with { Reason = "gateway_limits_unavailable", Message = "Requests cannot be counted right now." };
    public static readonly GatewayError TicketsUnavailable = NoDestination with { Reason = "gateway_tickets_unavailable", Message = "Secrets cannot be redeemed right now; see the Retry-After header." };
    public static readonly GatewayError KeysUnavailable = NoDestination with { Reason = "gateway_keys_unavailable", Message = "Secrets and ids of calls cannot be opened right now; see the Retry-After header." };
    public static readonly GatewayError TooManySockets = NoDestination with { Reason = "gateway_too_many_sockets", Message = "The gateway holds as many WebSockets as it can." };
    public static readonly GatewayError Draining = new(503, "draining", "gateway_draining", "This gateway is shutting down.") { RetryAfterSeconds = 1 };
    public static readonly GatewayError InternalError = new(500, "internal_error", "gateway_internal_error", "The gateway made a mistake.");

    /// <summary>The caller left before there was an answer. Nobody reads it; metrics count it.</summary>
    public static readonly GatewayError CallerGone = new(499, "caller_gone", "caller_gone", "The caller closed the connection.");

    /// <summary>The error for a status that some part of the framework has set without a body.</summary>
    public static GatewayError ForStatus(int status) => status switch
    {
        401 => Unauthorized,
        403 => Forbidden,
        404 => NotFound,
        405 => MethodNotAllowed,
        413 => RequestTooLarge,
        415 => UnsupportedMediaType,
        429 => RateLimitExceeded,
        502 => UpstreamUnavailable,
        503 => NoDestination,
        504 => UpstreamTimeout,
        >= 500 => InternalError with { Status = status },
        _ => InvalidRequest with { Status = status },
    };
}
