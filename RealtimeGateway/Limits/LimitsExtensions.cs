using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using RealtimeGateway.Configuration;
using RealtimeGateway.Telemetry;

namespace RealtimeGateway.Limits;

/// <summary>Registers the limits in ASP.NET Core's rate limiting middleware, and Redis where one is configured.</summary>
internal static class LimitsExtensions
{
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LocalLimits>();
        builder.Services.AddSingleton<RedisLimits>();
        builder.Services.AddSingleton<GatewayLimits>();
        builder.Services.AddSingleton<RedisLink>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisLink>());
        builder.Services.AddRateLimiter(options => options.OnRejected = static (context, _) =>
            new(context.HttpContext.WriteRefusalAsync(((RequestLease)context.Lease).Decision)));
        builder.Services.AddOptions<RateLimiterOptions>().Configure<GatewayLimits, LiveConfiguration, GatewayMetrics, TimeProvider>(
            static (options, limits, live, metrics, time) => options.GlobalLimiter = new RouteLimiter(limits, live, metrics, time));
    }

    /// <summary>Refuses addresses that have failed to authenticate too often. Stands before the step that looks at credentials.</summary>
    public static void UseFailedAuthenticationLimit(this IApplicationBuilder app) => app.UseMiddleware<FailedAuthentication>();

    public static void UseLimits(this IApplicationBuilder app) => app.UseRateLimiter();
}
