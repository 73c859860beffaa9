using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeGateway.Tests.Calls;

/// <summary>Puts steps of a test's own before those of the gateway.</summary>
internal sealed class StepBefore(Action<IApplicationBuilder> configure) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        configure(app);
        next(app);
    };
}

internal static class PathBase
{
    /// <summary>As a reverse proxy in front does that serves the gateway below a path.</summary>
    public static void Add(IServiceCollection services, string path) => services.AddSingleton<IStartupFilter>(new StepBefore(app => app.UsePathBase(path)));
}
