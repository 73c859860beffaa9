using Microsoft.AspNetCore.Cors.Infrastructure;
using RealtimeGateway.Web;

namespace RealtimeGateway.Callers;

/// <summary>
/// Refuses what a page of another origin makes a browser send, unless the route's CORS list has that origin. CORS itself stops neither a
/// simple POST nor a WebSocket. A request without <c>Origin</c> comes from no page.
/// </summary>
internal sealed class OriginMiddleware(RequestDelegate next)
{
    private const string SameOrigin = "same-origin";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Origin.Count == 0 || (IsReading(request.Method) && !request.IsUpgrade()))
            return next(context);
        var origin = request.Headers.Origin.ToString();
        return IsOwn(request, origin) || IsListed(Gate.Of(context).Cors, origin)
            ? next(context)
            : context.Response.WriteErrorAsync(GatewayError.Forbidden.Saying("Pages of this origin may not call this path."));
    }

    private static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    // Every origin is still an origin: what calls itself null, such as a sandboxed frame, must be listed by that name.
    private static bool IsListed(CorsPolicy? policy, string origin) =>
        policy is not null && (policy.IsOriginAllowed(origin) || (policy.AllowAnyOrigin && origin is not "null"));

    // No page can set Sec-Fetch-Site, so a browser that sends it has told the truth, whatever proxies have done to scheme and host since.
    private static bool IsOwn(HttpRequest request, string origin)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        return site.Count > 0 ? site == SameOrigin : IsOwnAddress(request, origin);
    }

    /// <summary>Host and port are the request's own. Its scheme as well, unless a proxy that ended TLS has made http of https.</summary>
    private static bool IsOwnAddress(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && page.Scheme is "http" or "https"
        && (page.Scheme is "https" || !request.IsHttps)
        && page.IdnHost.Equals(request.Host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && page.Port == (request.Host.Port ?? (page.Scheme is "https" ? 443 : 80));
}
