using System.Net.WebSockets;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sockets;

namespace RealtimeGateway.Doctor;

/// <summary>One word for what went wrong. What became of a connection is told apart more finely than failover needs it.</summary>
internal static class Trouble
{
    public const string NameResolution = "name_resolution";
    public const string Refused = "refused";
    public const string Tls = "tls";
    public const string Proxy = "proxy";
    public const string ConnectTimeout = "connect_timeout";
    public const string Timeout = "timeout";
    public const string Reset = "reset";
    public const string NoToken = "no_token";
    public const string Unreadable = "unreadable";
    public const string NoLocation = "no_location";
    public const string SpareKey = "spare_key";
    public const string Gone = "gone";
    public const string SessionRefused = "session_refused";

    /// <summary>What an exception says; <c>null</c> when it is not about the destination.</summary>
    public static Observation? Of(Exception exception) => exception switch
    {
        SessionRefusedException { Failure: { Kind: FailureKind.Rejected } failure } => new() { Trouble = SessionRefused, Detail = $"the service says {failure.Cause}" },
        SessionRefusedException { Failure: { Kind: FailureKind.Throttled } } => new() { Trouble = "429" },
        SessionRefusedException refused => Of(refused.Failure),
        UpgradeRefusedException refused => new() { Trouble = $"{refused.Status}", Status = refused.Status, AzureRequestId = refused.AzureRequestId },
        CredentialAwayException away => new() { Trouble = NoToken, Detail = away.Message },
        WebSocketException { InnerException: { } inner } => Of(inner) ?? new() { Trouble = Reset },
        OperationCanceledException or HttpRequestException => new() { Trouble = WordOf(exception) },
        _ => Ending.IsOfConnection(exception) || exception is EndedException ? new() { Trouble = Reset } : null,
    };

    public static Observation Of(UpstreamFailure failure) => new() { Trouble = failure.Cause, Status = failure.Status, Param = failure.Error.Param };

    private static string WordOf(Exception exception) => exception switch
    {
        OperationCanceledException => UpstreamFailure.OfRequest(exception).NeverArrived ? ConnectTimeout : Timeout,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => NameResolution,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Tls,
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => Proxy,
        _ => UpstreamFailure.OfRequest(exception).NeverArrived ? Refused : Reset,
    };
}
