using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Simulator.Control;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Credentials;
using RealtimeGateway.Simulator.Minting;
using RealtimeGateway.Simulator.Offers;
using RealtimeGateway.Simulator.Peers;
using RealtimeGateway.Simulator.Recording;
using RealtimeGateway.Simulator.Sockets;

namespace RealtimeGateway.Simulator;

/// <summary>
/// An offline double of Azure OpenAI Realtime as an application that its owner starts and stops: a test, the gateway's process, or
/// <see cref="SimulatorProgram"/>. It reads no configuration and handles no signals.
/// </summary>
public static class SimulatorApplication
{
    private const long MaxRequestBytes = 4 * 1024 * 1024;

    /// <summary>Composes the simulator; after <c>StartAsync</c>, <c>Urls</c> holds the address with its real port.</summary>
    public static WebApplication Build(SimulatorOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var builder = WebApplication.CreateEmptyBuilder(new()
        {
            ApplicationName = "RealtimeGateway.Simulator",
            EnvironmentName = Environments.Development,
        });
        builder.WebHost.UseKestrelCore().UseUrls(options.Listen ?? options.Url).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        if (loggerFactory is not null) builder.Services.Replace(ServiceDescriptor.Singleton(loggerFactory));
        AddSimulatedResource(builder.Services, options, time ?? TimeProvider.System);

        var app = builder.Build();
        app.UseRouting();
        app.UseWebSockets();
        app.UseWhen(request => !ControlEndpoints.Owns(request) && !PeerEndpoint.Owns(request), UseSimulatedAzure);
        MapSimulatedAzure(app);
        ControlEndpoints.Map(app);
        app.Services.GetRequiredService<PeerEndpoint>().Map(app);
        return app;
    }

    /// <summary>Starts listening; a taken address is explained by the setting that moves it.</summary>
    public static async Task StartSimulatorAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            var options = app.Services.GetRequiredService<SimulatorOptions>();
            var setting = options.Listen is null ? nameof(SimulatorOptions.Url) : nameof(SimulatorOptions.Listen);
            throw new InvalidOperationException(
                $"The simulator cannot listen on {options.Listen ?? options.Url}: {e.Message} Set {SimulatorOptions.SectionName}:{setting} to another address.", e);
        }
    }

    private static void AddSimulatedResource(IServiceCollection services, SimulatorOptions options, TimeProvider time)
    {
        services.AddSingleton(options).AddSingleton(time);
        services.AddSingleton<Faults>().AddSingleton<ReceivedRequests>().AddSingleton<EphemeralSecrets>();
        services.AddSingleton<AcceptedCredentials>();
        services.AddSingleton<Utterances>().AddSingleton<SimulatedModel>();
        services.AddSingleton<WaitingPeers>().AddSingleton<PeerEndpoint>();
        services.AddSingleton<SocketOpening>().AddSingleton<SocketEndpoint>();
        services.AddSingleton<ClientSecretsEndpoint>().AddSingleton<PreviewSessionsEndpoint>();
        services.AddSingleton<LiveCalls>().AddSingleton<CallOpening>().AddSingleton<CallsEndpoint>();
        services.AddSingleton<HangupEndpoint>().AddSingleton<SidebandEndpoint>();
    }

    private static void UseSimulatedAzure(IApplicationBuilder azure)
    {
        azure.UseMiddleware<RecordRequests>();
        azure.UseMiddleware<InfrastructureHeaders>();
        azure.UseMiddleware<BreakAnswers>();
        azure.UseMiddleware<CustomHeaderLimit>();
    }

    private static void MapSimulatedAzure(WebApplication app)
    {
        var services = app.Services;
        app.MapPost("/openai/v1/realtime/client_secrets", services.GetRequiredService<ClientSecretsEndpoint>().HandleAsync)
            .WithMetadata(new FaultPoint(FaultOperation.Mint));
        app.MapPost("/openai/realtimeapi/sessions", services.GetRequiredService<PreviewSessionsEndpoint>().HandleAsync)
            .WithMetadata(new FaultPoint(FaultOperation.Mint));
        MapCalls(app, "/openai/v1/realtime/calls", services.GetRequiredService<CallsEndpoint>().HandleAsync);
        MapCalls(app, "/v1/realtimertc", services.GetRequiredService<CallsEndpoint>().HandlePreviewAsync);
        app.MapPost(HangupEndpoint.Path, services.GetRequiredService<HangupEndpoint>().HandleAsync)
            .WithMetadata(new FaultPoint(FaultOperation.Hangup));
        var (socket, sideband) = (services.GetRequiredService<SocketEndpoint>(), services.GetRequiredService<SidebandEndpoint>());
        app.MapGet("/openai/v1/realtime", http => SidebandEndpoint.IsAskedFor(http.Request) ? sideband.HandleAsync(http) : socket.HandleGaAsync(http))
            .WithMetadata(new FaultPoint(request => SidebandEndpoint.IsAskedFor(request) ? FaultOperation.Sideband : FaultOperation.Socket));
        app.MapGet("/openai/realtime", socket.HandlePreviewAsync)
            .WithMetadata(new FaultPoint(FaultOperation.Socket));
        // Azure's front door knows operations, not paths: a wrong method is an unknown resource too.
        app.MapFallback("{*path}", AzureErrors.ResourceNotFound.WriteAsync);
    }

    private static void MapCalls(WebApplication app, string path, RequestDelegate handle)
    {
        app.MapPost(path, handle).WithMetadata(new FaultPoint(FaultOperation.Calls));
        app.MapMethods(path, [HttpMethods.Options], CallsEndpoint.AllowAsync);
    }
}
