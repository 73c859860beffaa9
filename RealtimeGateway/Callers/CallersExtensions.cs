using Microsoft.AspNetCore.Cors.Infrastructure;

namespace RealtimeGateway.Callers;

/// <summary>The steps that find out who is calling, and from which page.</summary>
internal static class CallersExtensions
{
    public static void AddCallers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OidcMetadataCache>();
        builder.Services.AddSingleton<ICorsPolicyProvider, GateCorsPolicyProvider>();
        builder.Services.AddCors();
        // Endpoints insist that the framework's CORS step has seen every request, pages or not.
        builder.Services.Configure<RouteOptions>(options => options.SuppressCheckForUnhandledSecurityMetadata = true);
    }

    /// <summary>CORS, for what comes from a page: the framework's step makes a scope of services for every request that it sees.</summary>
    public static void UsePagesOfOthers(this IApplicationBuilder app) =>
        app.UseWhen(static context => context.Request.Headers.Origin.Count > 0, static pages => pages.UseCors());

    /// <summary>The origin is judged, then the caller.</summary>
    public static void UseCallers(this IApplicationBuilder app)
    {
        app.UseMiddleware<OriginMiddleware>();
        app.UseMiddleware<CallerMiddleware>();
    }
}
