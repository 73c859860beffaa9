using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sockets;
using RealtimeGateway.Tickets;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>YARP with the gateway's transforms. Its routes and clusters come from the snapshot, never straight from a file.</summary>
internal static class ProxyExtensions
{
    public static void AddGatewayProxy(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new InMemoryConfigProvider([], []));
        builder.Services.AddSingleton<IProxyConfigProvider>(services => services.GetRequiredService<InMemoryConfigProvider>());
        builder.Services.AddSingleton<ProxyPublisher>();
        builder.Services.AddSingleton<IConfigChangeListener>(services => services.GetRequiredService<ProxyPublisher>());
        builder.Services.AddSingleton<DestinationRequests>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, DestinationClient>();
        builder.Services.AddSingleton<IClusterChangeListener, ConnectionWarmer>();
        builder.Services.AddSingleton<RetiredClusters>();
        builder.Services.AddSingleton<IClusterChangeListener>(services => services.GetRequiredService<RetiredClusters>());
        builder.Services.AddReverseProxy()
            .AddTransforms<ProtectionProvider>()
            .AddTransformFactory<SessionTransformFactory>()
            .AddTransformFactory<CallTransformFactory>()
            .AddTransformFactory<SessionEventsFactory>()
            .AddTransformFactory<QueryAllowedFactory>();
        // YARP brings the framework's authorization, which would take a step in every request; routes say by AllowedFor whom they are for.
        foreach (var service in new[] { typeof(IAuthorizationHandlerProvider), typeof(IAuthorizationService), typeof(IPolicyEvaluator) })
            builder.Services.RemoveAll(service);
    }

    public static void MapGatewayProxy(this WebApplication app)
    {
        var live = app.Services.GetRequiredService<LiveConfiguration>();
        app.MapReverseProxy(proxy =>
            {
                proxy.UseMiddleware<OutcomeMiddleware>();
                proxy.UseMiddleware<SessionRequestMiddleware>();
                proxy.UseSockets();
                proxy.UseMiddleware<FailoverMiddleware>();
                proxy.UseRedemption();
                proxy.UseLoadBalancing();
                proxy.UsePassiveHealthChecks();
                proxy.UseUpstreamSockets();
                proxy.UseTickets();
            })
            .ConfigureEndpoints((endpoint, route) => Describe(endpoint, live.Of(route).Settings[route.RouteId]))
            .ConfigureEndpoints(SocketsExtensions.TakeSockets);
    }

    private static void Describe(IEndpointConventionBuilder endpoint, RouteSettings settings)
    {
        endpoint.WithMetadata(settings);
        if (settings.BeginsCalls)
            endpoint.WithMetadata(NoRetries.Instance);
    }
}
