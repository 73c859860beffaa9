using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RealtimeGateway.Web;

/// <summary>
/// Follows the files of <c>Kestrel:Certificates:Default</c> and <c>Kestrel:Endpoints:{name}:Certificate</c>: a renewed certificate counts for the next
/// connection. Kestrel's own reload would close the endpoint over it, which refuses connections for five seconds and then ends every WebSocket.
/// </summary>
internal sealed partial class ServerCertificates : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly IConfigurationSection _kestrel;
    private readonly ServerCertificate? _default;
    private readonly Dictionary<string, ServerCertificate?> _own;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ServerCertificates(IConfiguration configuration, IHostEnvironment environment, TimeProvider time, ILogger<ServerCertificates> logger)
    {
        _kestrel = configuration.GetSection("Kestrel");
        _default = ServerCertificate.In(_kestrel.GetSection("Certificates:Default"), environment.ContentRootPath);
        _own = _kestrel.GetSection("Endpoints").GetChildren().Where(HasItsOwn)
            .ToDictionary(endpoint => endpoint.Key, endpoint => ServerCertificate.In(endpoint.GetSection("Certificate"), environment.ContentRootPath));
        (_time, _logger) = (time, logger);
    }

    /// <summary>Has the server read its section once, and ask here at each connection.</summary>
    public void Apply(KestrelServerOptions server)
    {
        if (_default is not null)
            server.ConfigureHttpsDefaults(https => https.OnAuthenticate = (_, tls) => _default.Present(tls));
        var endpoints = server.Configure(_kestrel, reloadOnChange: false);
        foreach (var (name, certificate) in _own)
            endpoints.Endpoint(name, endpoint => endpoint.HttpsOptions.OnAuthenticate = (_, tls) => certificate?.Present(tls));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ServerCertificate[] all = [.. _own.Values.Append(_default).OfType<ServerCertificate>()];
        if (all.Length == 0)
            return;
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var certificate in all.Where(certificate => certificate.IsReplaced()))
                Renew(certificate);
        }
    }

    private void Renew(ServerCertificate certificate)
    {
        try
        {
            Log.Renewed(_logger, certificate.Path, certificate.Renew());
        }
        // ArgumentException is what a key of another certificate gives, InvalidOperationException a file without any key.
        catch (Exception e) when (e is CryptographicException or ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            Log.NotRenewed(_logger, certificate.Path, e.Message);
        }
    }

    // From a store, or one for each server name: the server read those when it started, and the default does not stand in for them.
    private static bool HasItsOwn(IConfigurationSection endpoint) => endpoint.GetSection("Certificate").Exists() || endpoint.GetSection("Sni").Exists();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate in {File} is renewed and counts for new connections; it expires at {Expires:O}")]
        public static partial void Renewed(ILogger logger, string file, DateTimeOffset expires);

        [LoggerMessage(2, LogLevel.Error, "The new certificate in {File} cannot be used, the one before goes on: {Cause}")]
        public static partial void NotRenewed(ILogger logger, string file, string cause);
    }
}
