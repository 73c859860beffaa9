using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Credentials;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>
/// <c>POST /openai/v1/realtime/calls/{call_id}/hangup</c>: 200 without a body, and the call has ended for everybody. 401 without a standing credential, which an <c>ek_</c> is
/// not; 404 when no such call is live, one that was hung up before included.
/// </summary>
internal sealed class HangupEndpoint(AcceptedCredentials credentials, LiveCalls calls)
{
    public const string Path = "/openai/v1/realtime/calls/{callId}/hangup";

    public Task HandleAsync(HttpContext http) => Answer(http).WriteAsync(http);

    private AzureAnswer Answer(HttpContext http)
    {
        if (http.Request.Query.ContainsKey("api-version")) return AzureErrors.ApiVersionNotAllowed;
        if (credentials.Refusal(http.Request) is { } unauthorized) return unauthorized;
        return calls.TryFind((string?)http.GetRouteValue("callId"), out var call) && call.TryEnd(CallEnd.HungUp)
            ? AzureAnswer.Empty(200)
            : AzureErrors.CallNotFound;
    }
}
