using System.Net;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Primitives;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Web;

/// <summary>
/// Setting <c>AllowedHosts</c>: the names under which the gateway may be called, against DNS rebinding, which makes a browser take an attacker's
/// name for the gateway's address. An IP address cannot be rebound, so it always counts; that keeps probes of a pod's address going.
/// </summary>
internal sealed class AllowedHosts
{
    public const string SettingName = "AllowedHosts";

    private static readonly StringSegment[] Local = ["localhost", "*.localhost"];

    private readonly StringSegment[]? _patterns;

    private AllowedHosts(StringSegment[]? patterns) => _patterns = patterns;

    public bool Admits(HostString host) =>
        _patterns is null || !host.HasValue || IPAddress.TryParse(host.Host, out _) || HostString.MatchesAny(host.Host, _patterns);

    /// <summary>
    /// Reads the list. Without one, any name will do where every route wants callers to prove who they are, since a page under another name has nothing to
    /// prove it with; where one does not, only the names of this machine for itself.
    /// </summary>
    public static AllowedHosts Read(IConfiguration configuration, bool admitsAnonymous, ConfigurationFaults faults)
    {
        StringSegment[] names = [.. (configuration[SettingName] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        foreach (var name in names.Where(name => Uri.CheckHostName(name.Value!.Replace("*.", "", StringComparison.Ordinal)) is UriHostNameType.Unknown && name != "*"))
            faults.Add(SettingName, name.Value, "must be host names without scheme and port, separated by semicolons; *.example.com for all below example.com, * for any");
        if (names.Contains("*"))
            return new(patterns: null);
        return new(names.Length > 0 ? names : admitsAnonymous ? Local : null);
    }
}

/// <summary>The step that refuses other names.</summary>
internal static class AllowedHostsExtensions
{
    /// <summary>The framework has a filter of its own for the same setting, which answers without the envelope.</summary>
    public static void AddAllowedHosts(this IHostApplicationBuilder builder) =>
        builder.Services.PostConfigure<HostFilteringOptions>(options => options.AllowedHosts = ["*"]);

    public static IApplicationBuilder UseAllowedHosts(this IApplicationBuilder app)
    {
        var live = app.ApplicationServices.GetRequiredService<LiveConfiguration>();
        return app.Use((context, next) => live.Current.Hosts.Admits(context.Request.Host)
            ? next(context)
            : context.Response.WriteErrorAsync(GatewayError.Forbidden.Saying("The gateway is not called by this host name (AllowedHosts).")));
    }
}
