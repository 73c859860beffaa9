using RealtimeGateway.Configuration;

namespace RealtimeGateway.Web;

/// <summary>
/// What every response says to a browser. The page's policy names the hosts of the live destinations, since the browser connects to them
/// itself; no other response names any.
/// </summary>
internal static class SecurityHeaders
{
    private const string NothingPolicy = "default-src 'none'; frame-ancestors 'none'";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.Response.OnStarting(WriteAsync, context);
        return next(context);
    });

    /// <summary>
    /// The policy for the page when it may connect to the hosts of <paramref name="connectTo"/> besides the gateway, and frame that of
    /// <paramref name="frame"/>.
    /// </summary>
    public static string PagePolicy(IEnumerable<Uri> connectTo, Uri? frame) =>
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self' blob:; " +
        $"connect-src {string.Join(' ', ["'self'", .. connectTo.Select(Origin).Distinct()])}; frame-src {(frame is null ? "'none'" : Origin(frame))}; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static Task WriteAsync(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        if (context.GetEndpoint()?.Metadata.GetMetadata<ContentPolicy>() is { } own)
        {
            headers.ContentSecurityPolicy = own.Value;
        }
        else if (context.GetEndpoint() is null && context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) is true)
        {
            headers.ContentSecurityPolicy = context.RequestServices.GetRequiredService<LiveConfiguration>().Current.PagePolicy;
            headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        }
        else
        {
            headers.ContentSecurityPolicy = NothingPolicy;
        }

        return Task.CompletedTask;
    }
}

/// <summary>An endpoint's own Content-Security-Policy, as metadata.</summary>
internal sealed record ContentPolicy(string Value);
