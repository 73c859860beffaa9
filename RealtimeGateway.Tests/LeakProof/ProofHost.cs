using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>
/// A gateway, as it was built or as a <see cref="Mutation"/> has made it: its own entry point, run in this process with a settings file of its own, on real ports of loopback.
/// </summary>
internal sealed class ProofHost : IAsyncDisposable
{
    private static readonly string[] AnyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    private static readonly AsyncLocal<ProofHost?> Starting = new();

    private readonly SettingsFolder _folder;
    private readonly AssemblyLoadContext? _context;
    private readonly Action<IServiceCollection> _services;
    private readonly FakeLogCollector _logs = FakeLogCollector.Create(new());
    private readonly TaskCompletionSource<IHost> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<int> _running = null!;
    private IHost _host = null!;

    private ProofHost(SettingsFolder folder, AssemblyLoadContext? context, Action<IServiceCollection> services) => (_folder, _context, _services) = (folder, context, services);

    public IServiceProvider Services => _host.Services;

    public FakeLogCollector Logs => _logs;

    /// <summary>Where it speaks HTTP/1.1, and where HTTP/2.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];

    /// <summary>Method and path of everything that it answers.</summary>
    public IReadOnlyList<(string Method, string Pattern)> Endpoints =>
    [
        .. from endpoint in Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : AnyMethod
        where method is not ("CONNECT" or "OPTIONS")
        select (method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/')),
    ];

    /// <summary>Starts the built gateway, or the one of these bytes.</summary>
    public static async Task<ProofHost> StartAsync(SettingsFolder folder, Action<IServiceCollection> services, byte[]? image = null)
    {
        var context = image is null ? null : new AssemblyLoadContext("a mutant", isCollectible: true);
        var host = new ProofHost(folder, context, services);
        var assembly = context is null ? typeof(Program).Assembly : context.LoadFromStream(new MemoryStream(image!));
        using var _ = DiagnosticListener.AllListeners.Subscribe(new Listeners(host));
        host._running = Task.Run(() => host.RunAsync(assembly));
        await Task.WhenAny(host._started.Task, host._running);
        if (!host._started.Task.IsCompleted)
            throw new InvalidOperationException($"It ended with {await host._running}: {string.Join('\n', host._logs.GetSnapshot().Select(record => $"{record.Message} {record.Exception}"))}");
        host._host = await host._started.Task;
        return host;
    }

    public void ChangeSettings(Action<JsonNode> change) => _folder.Change(change);

    public async ValueTask DisposeAsync()
    {
        _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _running;
        _context?.Unload();
        _folder.Dispose();
    }

    private async Task<int> RunAsync(Assembly assembly)
    {
        Starting.Value = this;
        string[] args =
        [
            "--contentRoot", _folder.Path, "--environment", "Development",
            "--Kestrel:Endpoints:1:Url", "http://127.0.0.1:0", "--Kestrel:Endpoints:2:Url", "http://127.0.0.1:0", "--Kestrel:Endpoints:2:Protocols", "Http2",
            .. new[] { "ENDPOINT", "API_KEY", "DEPLOYMENT", "API_VERSION", "WEBRTC_URL" }.Select(name => $"--AZURE_OPENAI_{name}="), // whatever this machine's own say
        ];
        // The compiler's entry point waits; what it wraps is a task.
        var main = assembly.EntryPoint!.DeclaringType!.GetMethod("<Main>$", BindingFlags.Static | BindingFlags.NonPublic)!;
        return await (Task<int>)main.Invoke(null, [args])!;
    }

    private void OnBuilding(IHostBuilder builder) => builder.ConfigureServices(services =>
    {
        services.RemoveAll<ILoggerProvider>();
        services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(_logs));
        services.AddSingleton<IStartupFilter, LimiterOfPipeline>();
        _services(services);
    });

    private void OnBuilt(IHost host) => host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => _started.TrySetResult(host));

    /// <summary>Hears from the framework when a host is being built: what tests of whole applications hook into.</summary>
    private sealed class Listeners(ProofHost owner) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name is "Microsoft.Extensions.Hosting")
                value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (Starting.Value != owner)
                return; // somebody else's
            if (value is { Key: "HostBuilding", Value: IHostBuilder builder })
                owner.OnBuilding(builder);
            else if (value is { Key: "HostBuilt", Value: IHost host })
                owner.OnBuilt(host);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
