using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>
/// Ends what the framework's rate limiting middleware never ends: the timer of its limiter. It holds the pipeline and thereby the whole gateway, 8 MB of it, which is nothing
/// to a process with one gateway and too much to this one with a thousand.
/// </summary>
internal sealed class LimiterOfPipeline : IStartupFilter, IDisposable
{
    private RequestDelegate? _pipeline;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        // A factory that is still listening takes the gateway's simulator for its gateway, too; it limits nobody.
        if (app.ApplicationServices.GetService<LiveConfiguration>() is not null)
            app.Use(pipeline => _pipeline = pipeline);
        next(app);
    };

    public void Dispose()
    {
        if (_pipeline is null)
            return; // it never came to one
        var middleware = After(_pipeline).Single(part => part.GetType().Name == "RateLimitingMiddleware");
        ((IDisposable)Value(middleware, "_endpointLimiter")).Dispose();
    }

    /// <summary>Every middleware, each of which knows the one after it.</summary>
    private static IEnumerable<object> After(RequestDelegate pipeline)
    {
        for (var part = pipeline.Target; part is not null; part = Next(part))
            yield return part;
    }

    private static object? Next(object part) => FieldsOf(part.GetType())
        .Where(field => field.FieldType == typeof(RequestDelegate) || field.Name == "instance") // the latter is what the compiled call of a middleware holds
        .Select(field => field.GetValue(part))
        .Select(value => value is RequestDelegate next ? next.Target : value)
        .FirstOrDefault();

    private static object Value(object owner, string field) => FieldsOf(owner.GetType()).Single(candidate => candidate.Name == field).GetValue(owner)!;

    private static IEnumerable<FieldInfo> FieldsOf(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).Concat(type.BaseType is { } parent ? FieldsOf(parent) : []);
}
