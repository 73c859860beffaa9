using RealtimeGateway.Web;
using Yarp.ReverseProxy.Forwarder;

namespace RealtimeGateway.Proxy;

/// <summary>What a failed attempt says about its destination.</summary>
internal enum FailureKind
{
    /// <summary>The request was at fault; the destination is well.</summary>
    Rejected,

    /// <summary>429: the destination wants to be left alone for a while.</summary>
    Throttled,

    /// <summary>401: the key or token, not the destination.</summary>
    Unauthorized,

    /// <summary>The gateway's own access is not in order: 403, a deployment that does not exist, a redirect, no token to send.</summary>
    Misconfigured,

    /// <summary>5xx, a transport that failed, no answer in time, or an answer that cannot be read.</summary>
    Unavailable,
}

/// <summary>Why an attempt at a destination failed.</summary>
/// <param name="Kind">What it says about the destination.</param>
/// <param name="Cause">For the operator, a word or a status: <c>DeploymentNotFound</c>, <c>503</c>, <c>connect</c>, <c>timeout</c>.</param>
/// <param name="Error">The caller's view.</param>
internal sealed record UpstreamFailure(FailureKind Kind, string Cause, GatewayError Error)
{
    private const string ConnectCause = "connect";

    /// <summary>The destination's status; 0 when there was no answer.</summary>
    public int Status { get; init; }

    /// <summary>Whether the destination's answer had a status and no body.</summary>
    public bool IsBare { get; init; }

    /// <summary>How long the destination asked to be left alone; <c>null</c> when it did not say.</summary>
    public TimeSpan? StatedWait { get; init; }

    /// <summary>Whether nothing can have come of the attempt, so that any request may be tried elsewhere.</summary>
    public bool CameToNothing => Kind is FailureKind.Throttled || NeverArrived || this == NoToken;

    /// <summary>Whether there was no connection, so that not a byte can have reached the destination.</summary>
    public bool NeverArrived => Status == 0 && Cause is ConnectCause;

    /// <summary>Whether a destination to which there was a connection took too long, or seemed to: the caller may have been slow as well.</summary>
    public bool IsTimeout => Error == GatewayError.UpstreamTimeout && Cause is not ConnectCause;

    public static readonly UpstreamFailure TimedOut = new(FailureKind.Unavailable, "timeout", GatewayError.UpstreamTimeout);
    public static readonly UpstreamFailure Unreadable = new(FailureKind.Unavailable, "unreadable", GatewayError.UpstreamInvalidResponse);
    public static readonly UpstreamFailure NoToken = new(FailureKind.Misconfigured, "no_token", GatewayError.UpstreamMisconfigured);
    public static readonly UpstreamFailure NotConnected = new(FailureKind.Unavailable, ConnectCause, GatewayError.UpstreamUnavailable);
    public static readonly UpstreamFailure NotConnectedInTime = NotConnected with { Error = GatewayError.UpstreamTimeout };
    public static readonly UpstreamFailure Reset = new(FailureKind.Unavailable, "reset", GatewayError.UpstreamUnavailable);

    /// <summary>What a failed transport means; <c>null</c> when it was not the destination's.</summary>
    public static UpstreamFailure? Of(IForwarderErrorFeature transport) => transport.Error switch
    {
        ForwarderError.RequestTimedOut when transport.Exception is OperationCanceledException { InnerException: TimeoutException } => NotConnectedInTime,
        ForwarderError.RequestTimedOut => TimedOut,
        ForwarderError.Request => OfRequest(transport.Exception),
        ForwarderError.ResponseHeaders when transport.Exception?.GetBaseException() is OperationCanceledException => TimedOut,
        ForwarderError.NoAvailableDestinations or ForwarderError.RequestBodyClient or ForwarderError.RequestCreation or ForwarderError.ResponseHeaders
            or ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient => null,
        _ => Reset,
    };

    /// <summary>What an exception means that ended a request before its answer.</summary>
    public static UpstreamFailure OfRequest(Exception? exception) => exception switch
    {
        OperationCanceledException { InnerException: TimeoutException } => NotConnectedInTime,
        OperationCanceledException => TimedOut,
        _ when IsUnreadable(exception) => Unreadable,
        _ => IsBeforeConnection(exception) ? NotConnected : Reset,
    };

    /// <summary>Whether there was an answer that is none by the rules of HTTP, or one with more headers than anybody reads.</summary>
    public static bool IsUnreadable(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded,
    };

    private static bool IsBeforeConnection(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };
}
