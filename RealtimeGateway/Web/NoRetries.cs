using Microsoft.AspNetCore.Diagnostics;

namespace RealtimeGateway.Web;

/// <summary>
/// Metadata of an endpoint whose every success is paid: its errors say <c>x-should-retry: false</c>, or OpenAI's libraries would send the request again by
/// themselves.
/// </summary>
internal sealed class NoRetries
{
    public static readonly NoRetries Instance = new();

    // The handler of exceptions takes the endpoint off the request.
    public static bool HoldFor(HttpContext context) =>
        (context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint)?.Metadata.GetMetadata<NoRetries>() is not null;
}
