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
    }

    /// <summary>The origin is judged, then the caller.</summary>
    public static void UseCallers(this IApplicationBuilder app)
    {
        app.UseMiddleware<OriginMiddleware>();
        app.UseMiddleware<CallerMiddleware>();
    }
}
