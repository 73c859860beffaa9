using System.Collections.Concurrent;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace RealtimeGateway.Callers;

/// <summary>
/// An issuer's metadata and signing keys. They are fetched when first needed and renewed in the background; a token signed with a key that is
/// not among them has them fetched at once, but not more often than every <see cref="Cooldown"/>, whatever tokens arrive. While the issuer is
/// away the last ones stay good.
/// </summary>
internal sealed partial class OidcMetadata(string authority, HttpClient http, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(30);

    /// <summary>How long an issuer that has never answered is left alone.</summary>
    public static readonly TimeSpan FirstCooldown = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(6);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly HttpDocumentRetriever _documents = new(http) { RequireHttps = !new Uri(authority).IsLoopback };
    private volatile OpenIdConnectConfiguration? _known;
    private Task _fetching = Task.CompletedTask;
    private long _triedAt; // ticks, UTC

    private TimeSpan SinceTried => TimeSpan.FromTicks(time.GetUtcNow().UtcTicks - Volatile.Read(ref _triedAt));

    /// <summary>The metadata; <c>null</c> while the issuer has never been reached.</summary>
    public async ValueTask<OpenIdConnectConfiguration?> GetAsync(CancellationToken cancellation)
    {
        var known = _known;
        if (known is null)
            return await RenewAsync(cancellation);
        if (SinceTried > Lifetime)
            _ = FetchOnce();
        return known;
    }

    /// <summary>Fetches again, unless that has just been tried, and returns what is known then.</summary>
    public async ValueTask<OpenIdConnectConfiguration?> RenewAsync(CancellationToken cancellation)
    {
        await FetchOnce().WaitAsync(cancellation);
        return _known;
    }

    // One fetch at a time, shared by all who wait for it; so it must not end because one of them leaves.
    private Task FetchOnce()
    {
        lock (_lock)
        {
            if (!_fetching.IsCompleted || SinceTried < (_known is null ? FirstCooldown : Cooldown))
                return _fetching;
            Volatile.Write(ref _triedAt, time.GetUtcNow().UtcTicks);
            return _fetching = FetchAsync();
        }
    }

    private async Task FetchAsync()
    {
        using var clock = new CancellationTokenSource(Patience, time);
        try
        {
            _known = await OpenIdConnectConfigurationRetriever.GetAsync($"{authority.TrimEnd('/')}/.well-known/openid-configuration", _documents, clock.Token);
        }
        // Whatever the issuer answers, requests go on with what is known.
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ArgumentException or InvalidOperationException or System.Text.Json.JsonException)
        {
            Log.Unreachable(logger, authority, e.GetBaseException().Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The token issuer {Authority} did not give its metadata: {Cause}")]
        public static partial void Unreachable(ILogger logger, string authority, string cause);
    }
}

/// <summary>The metadata of every issuer that was ever configured, so that a reload does not ask for them again.</summary>
internal sealed class OidcMetadataCache(TimeProvider time, ILogger<OidcMetadata> logger) : IDisposable
{
    private const int MaxDocument = 1024 * 1024;

    private readonly ConcurrentDictionary<string, OidcMetadata> _byAuthority = new(StringComparer.Ordinal);
    private readonly HttpClient _http = new(new SocketsHttpHandler { ActivityHeadersPropagator = null, AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        MaxResponseContentBufferSize = MaxDocument,
    };

    public TimeProvider Time => time;

    public OidcMetadata Of(string authority) => _byAuthority.GetOrAdd(authority, (key, cache) => new(key, cache._http, time, logger), this);

    public void Dispose() => _http.Dispose();
}
