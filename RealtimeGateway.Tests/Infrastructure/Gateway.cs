using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>
/// The real application on a real port of loopback, with a settings file of its own that a test may change while it runs, and with its log
/// captured.
/// </summary>
public sealed class Gateway : IAsyncDisposable
{
    public const string Key = "the-real-key-0123456789";
    public const string Deployment = "the-deployment";

    private readonly WebApplicationFactory<Program> _factory;
    private readonly SettingsFolder _folder;
    private readonly List<string> _announced = [];

    private Gateway(WebApplicationFactory<Program> factory, SettingsFolder folder)
    {
        (_factory, _folder) = (factory, folder);
        _factory.StartServer();
        Logs = _factory.Services.GetFakeLogCollector();
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = _factory.ClientOptions.BaseAddress,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>A caller that follows no redirect and keeps no cookie.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _factory.Services;

    /// <summary>What was logged; it can still be read when the gateway has ended.</summary>
    public FakeLogCollector Logs { get; }

    /// <summary>Starts the gateway with the shipped settings, changed by <paramref name="change"/>, and the given variables.</summary>
    public static Gateway Start(IReadOnlyDictionary<string, string?> variables, Action<JsonNode>? change = null, string environment = "Development",
        Action<IServiceCollection>? services = null)
    {
        var folder = new SettingsFolder(change);
        return new(Build(folder, variables, environment, services: services), folder);
    }

    /// <summary>Starts it with an Azure resource at <paramref name="url"/>, given by the variables that people already have.</summary>
    public static Gateway StartWith(
        string url, IReadOnlyDictionary<string, string?>? variables = null, Action<JsonNode>? change = null, Action<IServiceCollection>? services = null) =>
        Start(
            GenerousUnless(new Dictionary<string, string?>
            {
                ["AZURE_OPENAI_ENDPOINT"] = url,
                ["AZURE_OPENAI_API_KEY"] = Key,
                ["AZURE_OPENAI_DEPLOYMENT"] = Deployment,
            }.Concat(variables ?? new Dictionary<string, string?>())),
            change,
            services: services);

    /// <summary>Starts it as one command does, on a simulator of its own at <paramref name="simulator"/>.</summary>
    public static Gateway StartOnSimulator(
        string simulator, IReadOnlyDictionary<string, string?>? variables = null, Action<IServiceCollection>? services = null) => Start(
        GenerousUnless((variables ?? new Dictionary<string, string?>()).Append(new("Simulator:Url", simulator))), services: services);

    /// <summary>What the gateway says when it refuses to start; fails when it does start.</summary>
    public static string RefusalToStart(
        IReadOnlyDictionary<string, string?> variables, Action<JsonNode>? change = null, string environment = "Development")
    {
        using var folder = new SettingsFolder(change);
        var logs = new FakeLogCollector();
        using var factory = Build(folder, variables, environment, logs);
        Assert.ThrowsAny<Exception>(factory.StartServer);
        return string.Join('\n', logs.GetSnapshot().Where(record => record.Level >= LogLevel.Error).Select(record => record.Message));
    }

    public Task<HttpResponseMessage> MintAsync(string body = "{}", string pathAndQuery = "/sessions") =>
        Http.PostAsync(pathAndQuery, Json(body), TestContext.Current.CancellationToken);

    /// <summary>Mints for somebody at another address of loopback.</summary>
    public async Task<HttpResponseMessage> MintFromAsync(string address, string pathAndQuery = "/sessions")
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (context, cancellation) => ConnectFromAsync(address, context, cancellation) }) { BaseAddress = Http.BaseAddress };
        return await http.PostAsync(pathAndQuery, Json("{}"), TestContext.Current.CancellationToken);
    }

    /// <summary>Changes the settings file on disk, as an operator does while the gateway runs.</summary>
    public void ChangeSettings(Action<JsonNode> change) => _folder.Change(change);

    /// <summary>From now on the settings are mounted as Kubernetes mounts a ConfigMap, and changed by turning a link.</summary>
    public void MountSettings() => _folder.Mount();

    /// <summary>Changes mounted settings and waits for the verdict.</summary>
    public Task<string> TurnAsync(Action<JsonNode> change)
    {
        Logs.Clear();
        _folder.Turn(change);
        return WhenReloadedAsync();
    }

    public void WriteSettings(string text) => _folder.Write(text);

    public string ReadSettings() => _folder.Read();

    public void RemoveSettings() => _folder.Remove();

    /// <summary>Waits until the changed file is in force, or refused; the log line says which.</summary>
    public Task<string> WhenReloadedAsync() =>
        WhenLoggedAsync(record => record.Category == typeof(RealtimeGateway.Configuration.ConfigurationLoader).FullName);

    /// <summary>Waits for a line with this text.</summary>
    public Task<string> WhenLoggedAsync(string text) => WhenLoggedAsync(record => record.Message.Contains(text, StringComparison.Ordinal));

    private async Task<string> WhenLoggedAsync(Predicate<FakeLogRecord> isMeant)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        await foreach (var record in Logs.GetLogsAsync(cancellationToken: patience.Token))
        {
            if (isMeant(record))
                return record.Message;
        }

        throw new InvalidOperationException("The log ended.");
    }

    /// <summary>Changes the settings and waits for the verdict.</summary>
    public Task<string> ReloadAsync(Action<JsonNode> change)
    {
        Logs.Clear();
        ChangeSettings(change);
        return WhenReloadedAsync();
    }

    private static async ValueTask<Stream> ConnectFromAsync(string address, SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    // The failure itself has a line of its own, which must be announced.
    private const string FollowsAFailure = " is out until ";

    // Kestrel's word for a machine that left the process without a processor for a second.
    private const string SpeaksOfTheMachine = "the heartbeat has been running for ";

    /// <summary>A warning or error that the test provokes; anything else at that level fails it.</summary>
    public void Announce(params string[] messages) => _announced.AddRange(messages);

    /// <summary>Nothing was logged at Warning or above that was not announced.</summary>
    public void AssertQuiet() => Assert.Empty(
        Logs.GetSnapshot()
            .Where(record => record.Level >= LogLevel.Warning && !record.Message.Contains(FollowsAFailure, StringComparison.Ordinal)
                && !record.Message.Contains(SpeaksOfTheMachine, StringComparison.Ordinal) && !_announced.Exists(text => record.Message.Contains(text, StringComparison.Ordinal)))
            .Select(record => $"{record.Category}: {record.Message} {record.Exception}"));

    /// <summary>Forgets the log and what was announced: another test begins.</summary>
    public void BeginTest()
    {
        Logs.Clear();
        _announced.Clear();
    }

    /// <summary>Shuts it down as an orchestrator does.</summary>
    public Task StopAsync() => Services.GetRequiredService<IHost>().StopAsync();

    /// <summary>Waits until it has begun to shut down.</summary>
    public async Task WhenStoppingAsync()
    {
        var stopping = new TaskCompletionSource();
        await using var _ = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        try
        {
            AssertQuiet();
        }
        finally
        {
            await _factory.DisposeAsync();
            _folder.Dispose();
        }
    }

    private static WebApplicationFactory<Program> Build(
        SettingsFolder folder, IReadOnlyDictionary<string, string?> variables, string environment, FakeLogCollector? logs = null,
        Action<IServiceCollection>? services = null)
    {
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(web => web
            .UseEnvironment(environment)
            .UseContentRoot(folder.Path)
            .UseSetting("urls", "http://127.0.0.1:0")
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(NoUpstream).AddInMemoryCollection(variables))
            .ConfigureServices(collection => collection.AddSingleton<IStartupFilter, LimiterOfPipeline>())
            .ConfigureServices(services ?? (_ => { }))
            .ConfigureLogging(logging =>
            {
                logging.ClearProviders();
                if (logs is null)
                    logging.AddFakeLogging();
                else
                    logging.AddProvider(new FakeLoggerProvider(logs));
            }));
        factory.UseKestrel();
        return factory;
    }

    // Limits that no test reaches by accident.
    internal static readonly Dictionary<string, string?> Generous = new[] { "sessions", "sessionsperday", "sessionsatonce", "sessionsintotal", "webrtcreports", "failedauthentication" }
        .ToDictionary(name => $"Limits:{name}:Permits", _ => (string?)"100000");

    private static Dictionary<string, string?> GenerousUnless(IEnumerable<KeyValuePair<string, string?>> variables) =>
        Generous.Concat(variables).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last().Value);

    // Whatever the developer's own shell says about Azure stays out of the tests.
    private static readonly Dictionary<string, string?> NoUpstream = new[]
    {
        "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_DEPLOYMENT", "AZURE_OPENAI_API_VERSION", "AZURE_OPENAI_WEBRTC_URL",
    }.ToDictionary(name => name, _ => (string?)"");
}
