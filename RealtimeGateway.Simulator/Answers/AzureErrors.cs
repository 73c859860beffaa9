using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Answers;

/// <summary>
/// The error bodies of Azure's layers. The service speaks the OpenAI envelope (400, 404 of a deployment, 500); API management in front of
/// it leaves out <c>type</c> and <c>param</c> (401 of a key, 403, 404 of a path), refuses tokens without any <c>error</c> wrapper (401),
/// and the proxies before that send HTML (431, 502).
/// </summary>
internal static class AzureErrors
{
    private const string InvalidRequest = "invalid_request_error";

    public static AzureAnswer ResourceNotFound { get; } = FrontDoor(404, "404", "Resource not found");

    public static AzureAnswer DeploymentNotFound { get; } =
        Envelope(404, InvalidRequest, "DeploymentNotFound", $"There is no deployment of that name on resource {Telltales.Resource}.");

    public static AzureAnswer WrongKey { get; } =
        FrontDoor(401, "401", $"Access denied: the subscription key is not valid for resource {Telltales.Resource}.");

    public static AzureAnswer WrongToken { get; } = AzureAnswer.Json(401, new JsonObject
    {
        ["statusCode"] = 401,
        ["message"] = "Unauthorized. The access token is missing, expired, or not for audience https://cognitiveservices.azure.com.",
    });

    public static AzureAnswer RoleMissing { get; } = FrontDoor(401, "PermissionDenied",
        $"The principal `{Telltales.Principal}` may not perform `Microsoft.CognitiveServices/accounts/OpenAI/realtime/action`.");

    public static AzureAnswer KeysDisabled { get; } =
        FrontDoor(403, "AuthenticationTypeDisabled", $"Resource {Telltales.Resource} does not take keys.");

    public static AzureAnswer NetworkDenied { get; } =
        FrontDoor(403, "403", $"A virtual network or firewall rule of {Telltales.Resource} denies access.");

    public static AzureAnswer ApiVersionNotAllowed { get; } =
        FrontDoor(400, "BadRequest", "The v1 path takes no api-version query parameter.");

    public static AzureAnswer ContentFilter { get; } = AzureAnswer.Json(400, new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["message"] = $"The content management policy of {Telltales.Resource} refused the request.",
            ["type"] = null,
            ["param"] = "prompt",
            ["code"] = "content_filter",
            ["status"] = 400,
            ["innererror"] = new JsonObject { ["code"] = "ResponsibleAIPolicyViolation" },
        },
    });

    public static AzureAnswer NotJson { get; } =
        Envelope(400, InvalidRequest, null, "The request body is not a JSON object.");

    public static AzureAnswer NotJsonContent { get; } =
        Envelope(400, InvalidRequest, "unsupported_content_type", "This operation takes application/json only.");

    public static AzureAnswer NotSdpContent { get; } =
        Envelope(415, InvalidRequest, "unsupported_content_type", "This operation takes application/sdp only.");

    public static AzureAnswer NotSdp { get; } =
        Envelope(400, InvalidRequest, "invalid_offer", "The request body is not a session description: it has to start with v=0.");

    public static AzureAnswer CallNotFound { get; } =
        Envelope(404, InvalidRequest, "call_id_not_found", "No session found for the provided call_id.");

    public static AzureAnswer TooManySidebands { get; } = TooManyRequests("This call has as many sideband connections as it may have.");

    public static AzureAnswer NoCodec { get; } =
        Envelope(400, InvalidRequest, "invalid_offer", "The offer has no audio section with a codec that the service speaks: Opus.");

    public static AzureAnswer UpgradeRequired { get; } =
        Envelope(400, InvalidRequest, "websocket_upgrade_required", "This operation is a WebSocket; the request does not ask for an upgrade.");

    public static AzureAnswer Timeout { get; } = FrontDoor(408, "Timeout", $"The operation timed out on {Telltales.Resource}.");

    public static AzureAnswer QuotaExceeded { get; } = TooManyRequests(
        $"Requests to the Realtime operation have exceeded the call rate limit of the S0 pricing tier of {Telltales.Resource}.");

    public static AzureAnswer CapacityExceeded { get; } = TooManyRequests(
        $"Region {Telltales.Region} is at capacity; limits are lowered for a while.");

    public static AzureAnswer TooManyHeaders { get; } = AzureAnswer.Html(431, "431 Request Header Fields Too Large");

    public static AzureAnswer ServerError { get; } =
        Envelope(500, "server_error", null, $"The model backend {Telltales.Backend} failed.");

    public static AzureAnswer BadGateway { get; } = AzureAnswer.Html(502, "502 Bad Gateway");

    public static AzureAnswer ServiceUnavailable { get; } =
        FrontDoor(503, "ServiceUnavailable", $"The backend of {Telltales.Resource} is not available.");

    public static AzureAnswer GatewayTimeout { get; } =
        FrontDoor(504, "GatewayTimeout", $"The backend of {Telltales.Resource} did not answer in time.");

    public static AzureAnswer NoMediaPeer(string page) => Envelope(503, "server_error", "no_media_peer",
        $"No media peer is there to answer the offer. Open {page} in a browser, click into it once, and keep it open.");

    public static AzureAnswer PeerFailed(string reason) => Envelope(500, "server_error", "media_peer_failed", reason);

    public static AzureAnswer Refused(Violation violation) =>
        Envelope(400, InvalidRequest, violation.Code, violation.Message, violation.Param);

    public static AzureAnswer Envelope(int status, string type, string? code, string message, string? param = null) =>
        AzureAnswer.Json(status, new JsonObject
        {
            ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = param, ["code"] = code },
        });

    private static AzureAnswer FrontDoor(int status, string code, string message) =>
        AzureAnswer.Json(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    private static AzureAnswer TooManyRequests(string message) => AzureAnswer.Json(429, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = "too_many_requests", ["code"] = "429" },
    });
}
