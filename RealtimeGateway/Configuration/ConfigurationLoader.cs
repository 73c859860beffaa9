using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using RealtimeGateway.Callers;
using RealtimeGateway.Credentials;
using RealtimeGateway.Health;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Configuration;

/// <summary>
/// Builds a candidate apart, validates it as a whole, and publishes it to YARP and to everything else at once; or not at all, with every fault
/// in one message.
/// </summary>
internal sealed partial class ConfigurationLoader(
    ConfigurationSources sources,
    IHostEnvironment environment,
    LiveConfiguration live,
    ProxyPublisher publisher,
    IServer server,
    ProxyTrial trial,
    OidcMetadataCache issuers,
    CredentialReader credentialReader,
    ILoggerFactory loggers,
    LogLevels levels,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger<ConfigurationLoader> logger)
{
    private static readonly Dictionary<string, ICredential> NoCredentials = [];
    private static readonly ConfigurationFault[] Unforeseen = [new(Key: null, Value: null, "could not be loaded; the log says why")];

    private long _version;

    /// <summary>Loads and publishes. A refused candidate changes nothing; <c>false</c>, and one error in the log.</summary>
    public async Task<bool> TryLoadAsync()
    {
        try
        {
            var snapshot = await BuildAsync();
            await PublishAsync(snapshot);
            levels.Use(snapshot.LogLevels);
            sources.Remember();
            metrics.ConfigurationLoaded(accepted: true);
            Log.Loaded(logger, snapshot.Version, snapshot.Routes.Count, snapshot.Profiles.Count);
            foreach (var destination in snapshot.Destinations.All.Where(destination => destination.Dialect.Warning is not null))
                Log.Advised(logger, destination.Name, destination.Dialect.Warning!);
            return true;
        }
        // Whatever goes wrong while a candidate is built, the snapshot in force is not the worse for it.
        catch (Exception e)
        {
            var unforeseen = e is ConfigurationRejectedException ? null : e;
            live.Reject(time.GetUtcNow(), (e as ConfigurationRejectedException)?.Faults ?? Unforeseen);
            metrics.ConfigurationLoaded(accepted: false);
            Log.Rejected(logger, live.IsLoaded ? "the last good one stays in force" : "the gateway does not start", e.Message, unforeseen);
            return false;
        }
    }

    /// <summary>Builds a candidate by the same rules and forgets it: what is wrong with it, and nothing else.</summary>
    public async Task<IReadOnlyList<ConfigurationFault>> CheckAsync()
    {
        try
        {
            live.Withdraw(await BuildAsync());
            return [];
        }
        catch (ConfigurationRejectedException e)
        {
            return e.Faults;
        }
    }

    private async Task PublishAsync(Snapshot snapshot)
    {
        try
        {
            await publisher.PublishAsync(snapshot);
            live.Publish(snapshot);
        }
        // The trial has shown that it works, so this is YARP's own trouble; it may have switched a part already.
        catch (Exception) when (live.IsLoaded)
        {
            live.Withdraw(snapshot);
            await publisher.PublishAsync(live.Current);
            throw;
        }
    }

    private async Task<Snapshot> BuildAsync()
    {
        var faults = new ConfigurationFaults();
        var layers = sources.Read();
        KnownSections.Check(layers, faults);
        // The simulator starts with the process or not at all.
        var mayUseSimulator = environment.IsDevelopment() && (!live.IsLoaded || live.Current.UsesSimulator);
        var usesSimulator = UpstreamVariables.Apply(layers, mayUseSimulator, faults);
        var candidate = Bind(layers.Root, usesSimulator, faults);
        live.Offer(candidate);
        try
        {
            await trial.CheckAsync(candidate, faults);
            if (faults.Any)
                throw new ConfigurationRejectedException([.. faults.List.Select(fault => fault.In(layers)).Distinct()]);
            return candidate;
        }
        catch
        {
            live.Withdraw(candidate);
            throw;
        }
    }

    private Snapshot Bind(IConfiguration configuration, bool usesSimulator, ConfigurationFaults faults)
    {
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        var (routes, clusters) = ProxySection.Read(configuration, faults);
        var credentials = credentialReader.Read(configuration, live.IsLoaded ? live.Current.Credentials : NoCredentials, faults);
        var destinations = Destinations.Read(clusters, credentials, live.IsLoaded ? live.Current.Destinations : null, time, faults);
        var peerPage = usesSimulator ? destinations.All.Select(simulator => new Uri(simulator.Address, "peer/")).FirstOrDefault() : null;
        var callers = CallerSchemes.Read(configuration, server, environment.IsDevelopment(), issuers, faults);
        var cors = CorsPolicies.Read(configuration, faults);
        var profiles = SessionProfile.Read(configuration, callers, faults);
        var limits = LimitRule.Read(configuration, faults);
        var settings = RouteSettings.Read(routes, limits, profiles, destinations, callers, cors, faults);
        InboundOptions.Read(configuration, faults);
        ManagementOptions.Read(configuration, faults);
        ShutdownOptions.Read(configuration, faults);
        return new()
        {
            Version = version,
            LoadedAt = time.GetUtcNow(),
            Routes = [.. routes.Select(route => Stamp(ForwardedMethods.Limit(route, destinations, faults), version))],
            Clusters = [.. clusters.Select(ClusterRules.Stamp)],
            Credentials = credentials,
            Destinations = destinations,
            Profiles = profiles,
            Limits = limits,
            Settings = settings,
            Gate = new(callers, callers.Default, cors.Default),
            Hosts = AllowedHosts.Read(configuration, callers.AdmitsAnonymous || settings.Values.Any(route => route.AdmitsAnonymous), faults),
            Proxies = Proxies.Read(configuration, loggers, faults),
            LogLevels = LogLevels.Read(configuration, faults),
            Traces = TraceTrust.Read(configuration, faults),
            FailedAuthentication = LimitRule.FailedAuthenticationIn(limits, faults),
            WebRtcReports = RouteLimits.Of(LimitRule.WebRtcReportsIn(limits, faults), profiles),
            Redis = RedisOptions.Read(configuration, faults),
            KeyRing = KeyRingOptions.Read(configuration, faults),
            PagePolicy = SecurityHeaders.PagePolicy(destinations.All.Select(destination => new Uri(destination.WebRtcUrl)), peerPage),
            UsesSimulator = usesSimulator,
            PeerPage = peerPage,
        };
    }

    private static RouteConfig Stamp(RouteConfig route, string version) => route with
    {
        Metadata = new Dictionary<string, string>(route.Metadata ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase)
        {
            [Snapshot.RouteMetadataKey] = version,
        },
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Configuration {Version} is in force: {Routes} route(s), {Profiles} profile(s)")]
        public static partial void Loaded(ILogger logger, string version, int routes, int profiles);

        [LoggerMessage(3, LogLevel.Warning, "Destination {Destination}: {Warning}")]
        public static partial void Advised(ILogger logger, string destination, string warning);

        [LoggerMessage(2, LogLevel.Error, "Configuration refused, {Consequence}. {Faults}")]
        public static partial void Rejected(ILogger logger, string consequence, string faults, Exception? unforeseen);
    }
}
