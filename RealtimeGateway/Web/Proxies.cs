using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Web;

/// <summary>
/// Setting <c>Proxies</c>: the load balancers and TLS terminators in front of the gateway, by address or network. Only what they say about the
/// caller's address, scheme and host is believed, hop by hop, up to the first address that is not one of them.
/// </summary>
internal sealed class Proxies
{
    public const string SettingName = "Proxies";
    private const string TrustEverybody = "FORWARDEDHEADERS_ENABLED";

    private readonly ForwardedHeadersMiddleware? _forwarded;

    private Proxies(ForwardedHeadersMiddleware? forwarded) => _forwarded = forwarded;

    /// <summary>Gives the request the address, scheme and host that the caller saw.</summary>
    public void Apply(HttpContext context) => _forwarded?.ApplyForwarders(context);

    public static Proxies Read(IConfiguration configuration, ILoggerFactory loggers, ConfigurationFaults faults)
    {
        if (bool.TryParse(configuration[TrustEverybody], out var trusts) && trusts)
            faults.Add($"ASPNETCORE_{TrustEverybody}", "true", $"would believe everybody's X-Forwarded-For; name the proxies in {SettingName} instead");
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in Networks.Read(configuration.GetSection(SettingName), faults))
            options.KnownIPNetworks.Add(network);
        // Without any known proxy the framework would believe everybody.
        return new(options.KnownIPNetworks.Count == 0 ? null : new(_ => Task.CompletedTask, loggers, Options.Create(options)));
    }
}

/// <summary>The step that believes them.</summary>
internal static class ProxiesExtensions
{
    /// <summary>Comes first: whatever follows sees the caller and not the last proxy.</summary>
    public static IApplicationBuilder UseProxies(this IApplicationBuilder app)
    {
        var live = app.ApplicationServices.GetRequiredService<LiveConfiguration>();
        return app.Use((context, next) =>
        {
            live.Current.Proxies.Apply(context);
            return next(context);
        });
    }
}
